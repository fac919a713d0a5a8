CREATE TABLE `monitoring_windows` (
	`deploymentId` text NOT NULL,
	`span` text NOT NULL,
	`start` integer NOT NULL,
	`version` integer NOT NULL,
	`host` text NOT NULL,
	`source` text NOT NULL,
	`referenceId` text NOT NULL,
	`rows` integer NOT NULL,
	`computeMs` real NOT NULL,
	`features` text NOT NULL,
	`answers` text NOT NULL,
	`usage` text NOT NULL,
	`revision` integer NOT NULL,
	PRIMARY KEY(`deploymentId`, `span`, `start`, `version`, `host`, `source`),
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `monitoring_windows_start` ON `monitoring_windows` (`span`,`start`);--> statement-breakpoint
ALTER TABLE `deployment_hosts` ADD `objectId` text;--> statement-breakpoint
ALTER TABLE `deployment_hosts` ADD `unpushedSince` integer;