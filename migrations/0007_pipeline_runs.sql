ALTER TABLE `deployment_hosts` ADD `runAt` integer;--> statement-breakpoint
ALTER TABLE `deliveries` ADD `errorCode` text;--> statement-breakpoint
ALTER TABLE `deliveries` ADD `errorMessage` text;--> statement-breakpoint
ALTER TABLE `deliveries` DROP COLUMN `error`;--> statement-breakpoint
ALTER TABLE `pipelines` ADD `notifyBy` text;--> statement-breakpoint
ALTER TABLE `pipelines` ADD `notifyTo` text;--> statement-breakpoint
ALTER TABLE `pipelines` ADD `sealedSecret` text;--> statement-breakpoint
ALTER TABLE `pipelines` ADD `origin` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `runs` ADD `step` text;--> statement-breakpoint
ALTER TABLE `runs` ADD `stepStartedAt` integer;--> statement-breakpoint
ALTER TABLE `runs` ADD `notifiedAt` integer;