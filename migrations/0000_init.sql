CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`deploymentId` text NOT NULL,
	`name` text NOT NULL,
	`prefix` text NOT NULL,
	`keyHash` text NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	`expiresAt` integer,
	`lastUsedAt` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_keyHash_unique` ON `api_keys` (`keyHash`);--> statement-breakpoint
CREATE INDEX `api_keys_deployment` ON `api_keys` (`deploymentId`);--> statement-breakpoint
CREATE TABLE `personal_tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`userId` text NOT NULL,
	`name` text NOT NULL,
	`prefix` text NOT NULL,
	`tokenHash` text NOT NULL,
	`createdAt` integer NOT NULL,
	`expiresAt` integer,
	`lastUsedAt` integer,
	FOREIGN KEY (`userId`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `personal_tokens_tokenHash_unique` ON `personal_tokens` (`tokenHash`);--> statement-breakpoint
CREATE INDEX `personal_tokens_user` ON `personal_tokens` (`userId`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`tokenHash` text PRIMARY KEY NOT NULL,
	`userId` text NOT NULL,
	`createdAt` integer NOT NULL,
	`expiresAt` integer NOT NULL,
	FOREIGN KEY (`userId`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`userId`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL,
	`passwordHash` text NOT NULL,
	`role` text NOT NULL,
	`createdAt` integer NOT NULL,
	`deactivatedAt` integer,
	CONSTRAINT "users_role" CHECK("users"."role" in ('admin', 'member'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);--> statement-breakpoint
CREATE TABLE `deployment_hosts` (
	`name` text PRIMARY KEY NOT NULL,
	`deploymentId` text NOT NULL,
	`versionNumber` integer NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `deployment_hosts_deployment` ON `deployment_hosts` (`deploymentId`,`versionNumber`);--> statement-breakpoint
CREATE TABLE `deployment_versions` (
	`id` text PRIMARY KEY NOT NULL,
	`deploymentId` text NOT NULL,
	`number` integer NOT NULL,
	`mainModelId` text NOT NULL,
	`challengerModelId` text,
	`note` text DEFAULT '' NOT NULL,
	`challengerSuspendedAt` integer,
	`challengerSuspendedReason` text,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`mainModelId`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`challengerModelId`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deployment_versions_number` ON `deployment_versions` (`deploymentId`,`number`);--> statement-breakpoint
CREATE INDEX `deployment_versions_main` ON `deployment_versions` (`mainModelId`);--> statement-breakpoint
CREATE INDEX `deployment_versions_challenger` ON `deployment_versions` (`challengerModelId`);--> statement-breakpoint
CREATE TABLE `deployments` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`projectId` text NOT NULL,
	`experimentId` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`access` text NOT NULL,
	`typePolicy` text NOT NULL,
	`deployed` text NOT NULL,
	`errorCode` text,
	`errorMessage` text,
	`currentVersion` integer NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	`deletedAt` integer,
	`purgedAt` integer,
	FOREIGN KEY (`projectId`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`experimentId`) REFERENCES `experiments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "deployments_access" CHECK("deployments"."access" in ('public', 'instance', 'project')),
	CONSTRAINT "deployments_deployed" CHECK("deployments"."deployed" in ('building', 'deployed', 'failed'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deployments_slug_unique` ON `deployments` (`slug`);--> statement-breakpoint
CREATE INDEX `deployments_project` ON `deployments` (`projectId`,`createdAt`);--> statement-breakpoint
CREATE TABLE `experiment_versions` (
	`id` text PRIMARY KEY NOT NULL,
	`experimentId` text NOT NULL,
	`number` integer NOT NULL,
	`state` text NOT NULL,
	`errorCode` text,
	`errorMessage` text,
	`rows` integer NOT NULL,
	`holdoutRows` integer,
	`features` text NOT NULL,
	`notes` text NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`experimentId`) REFERENCES `experiments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `experiment_versions_number` ON `experiment_versions` (`experimentId`,`number`);--> statement-breakpoint
CREATE TABLE `experiments` (
	`id` text PRIMARY KEY NOT NULL,
	`projectId` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`task` text NOT NULL,
	`target` text,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`projectId`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "experiments_task" CHECK("experiments"."task" in ('regression', 'binary_classification', 'multiclass_classification', 'anomaly_detection'))
);
--> statement-breakpoint
CREATE INDEX `experiments_project` ON `experiments` (`projectId`,`createdAt`);--> statement-breakpoint
CREATE TABLE `models` (
	`id` text PRIMARY KEY NOT NULL,
	`versionId` text NOT NULL,
	`name` text NOT NULL,
	`state` text NOT NULL,
	`errorCode` text,
	`errorMessage` text,
	`report` text NOT NULL,
	`plan` text NOT NULL,
	`metrics` text,
	`statedMetrics` text,
	`bytes` integer NOT NULL,
	`sha256` text NOT NULL,
	`servingSha256` text NOT NULL,
	`servingBytes` integer NOT NULL,
	`heapBytes` integer,
	`loadMs` integer,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`versionId`) REFERENCES `experiment_versions`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `models_version` ON `models` (`versionId`,`createdAt`);--> statement-breakpoint
CREATE TABLE `members` (
	`projectId` text NOT NULL,
	`userId` text NOT NULL,
	`role` text NOT NULL,
	`createdAt` integer NOT NULL,
	PRIMARY KEY(`projectId`, `userId`),
	FOREIGN KEY (`projectId`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`userId`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "members_role" CHECK("members"."role" in ('admin', 'contributor', 'viewer', 'end_user'))
);
--> statement-breakpoint
CREATE INDEX `members_user` ON `members` (`userId`);--> statement-breakpoint
CREATE TABLE `projects` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `projects_slug_unique` ON `projects` (`slug`);