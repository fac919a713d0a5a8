CREATE TABLE `connections` (
	`id` text PRIMARY KEY NOT NULL,
	`projectId` text NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`settings` text NOT NULL,
	`sealedSecret` text NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`projectId`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `connections_project` ON `connections` (`projectId`,`createdAt`);--> statement-breakpoint
CREATE TABLE `dataset_parts` (
	`datasetId` text NOT NULL,
	`part` integer NOT NULL,
	`etag` text NOT NULL,
	`bytes` integer NOT NULL,
	PRIMARY KEY(`datasetId`, `part`),
	FOREIGN KEY (`datasetId`) REFERENCES `datasets`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `datasets` (
	`id` text PRIMARY KEY NOT NULL,
	`projectId` text NOT NULL,
	`name` text NOT NULL,
	`format` text NOT NULL,
	`state` text NOT NULL,
	`errorCode` text,
	`errorMessage` text,
	`rows` integer,
	`columns` text,
	`bytes` integer NOT NULL,
	`uploadId` text,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`projectId`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `datasets_project` ON `datasets` (`projectId`,`createdAt`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`runId` text NOT NULL,
	`position` integer NOT NULL,
	`connectionId` text NOT NULL,
	`destination` text NOT NULL,
	`state` text NOT NULL,
	`rows` integer,
	`error` text,
	`at` integer,
	PRIMARY KEY(`runId`, `position`),
	FOREIGN KEY (`runId`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `pipelines` (
	`id` text PRIMARY KEY NOT NULL,
	`projectId` text NOT NULL,
	`deploymentId` text NOT NULL,
	`name` text NOT NULL,
	`source` text NOT NULL,
	`destinations` text NOT NULL,
	`schedule` text,
	`enabled` integer NOT NULL,
	`nextSlot` integer,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	`deletedAt` integer,
	FOREIGN KEY (`projectId`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `pipelines_project` ON `pipelines` (`projectId`,`createdAt`);--> statement-breakpoint
CREATE INDEX `pipelines_deployment` ON `pipelines` (`deploymentId`);--> statement-breakpoint
CREATE INDEX `pipelines_due` ON `pipelines` (`nextSlot`);--> statement-breakpoint
CREATE TABLE `runs` (
	`id` text PRIMARY KEY NOT NULL,
	`pipelineId` text NOT NULL,
	`deploymentId` text NOT NULL,
	`trigger` text NOT NULL,
	`slot` integer,
	`state` text NOT NULL,
	`version` integer,
	`attempt` integer NOT NULL,
	`rowsTotal` integer,
	`rowsDone` integer NOT NULL,
	`rowsFailed` integer NOT NULL,
	`files` text,
	`errorCode` text,
	`errorMessage` text,
	`createdAt` integer NOT NULL,
	`startedAt` integer,
	`finishedAt` integer,
	FOREIGN KEY (`pipelineId`) REFERENCES `pipelines`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "runs_state_known" CHECK("runs"."state" in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `runs_slot` ON `runs` (`pipelineId`,`slot`);--> statement-breakpoint
CREATE INDEX `runs_pipeline` ON `runs` (`pipelineId`,`createdAt`);--> statement-breakpoint
CREATE INDEX `runs_deployment` ON `runs` (`deploymentId`,`createdAt`);--> statement-breakpoint
CREATE INDEX `runs_state` ON `runs` (`state`);