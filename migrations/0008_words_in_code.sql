-- Allowed words live in code: a CHECK that lists them would have its table rebuilt for each new one (docs/decisions/0008-storage-migrations.md).
-- DROP TABLE deletes, by cascade, the rows that refer to the table, and D1 ignores `PRAGMA foreign_keys`. So the rows of each table that is
-- dropped or emptied are kept aside and written again.
PRAGMA defer_foreign_keys = on;
--> statement-breakpoint
CREATE TABLE `kept_users` AS SELECT * FROM `users`;--> statement-breakpoint
CREATE TABLE `kept_members` AS SELECT * FROM `members`;--> statement-breakpoint
CREATE TABLE `kept_experiments` AS SELECT * FROM `experiments`;--> statement-breakpoint
CREATE TABLE `kept_deployments` AS SELECT * FROM `deployments`;--> statement-breakpoint
CREATE TABLE `kept_runs` AS SELECT * FROM `runs`;--> statement-breakpoint
CREATE TABLE `kept_alerts` AS SELECT * FROM `alerts`;--> statement-breakpoint
CREATE TABLE `kept_alert_deliveries` AS SELECT * FROM `alert_deliveries`;--> statement-breakpoint
CREATE TABLE `kept_audit_entries` AS SELECT * FROM `audit_entries`;--> statement-breakpoint
CREATE TABLE `kept_sessions` AS SELECT * FROM `sessions`;--> statement-breakpoint
CREATE TABLE `kept_personal_tokens` AS SELECT * FROM `personal_tokens`;--> statement-breakpoint
CREATE TABLE `kept_invitations` AS SELECT * FROM `invitations`;--> statement-breakpoint
CREATE TABLE `kept_alert_incidents` AS SELECT * FROM `alert_incidents`;--> statement-breakpoint
DROP TABLE `alert_deliveries`;--> statement-breakpoint
DROP TABLE `alerts`;--> statement-breakpoint
DROP TABLE `members`;--> statement-breakpoint
DROP TABLE `runs`;--> statement-breakpoint
DROP TABLE `deployments`;--> statement-breakpoint
DROP TABLE `experiments`;--> statement-breakpoint
DROP TABLE `users`;--> statement-breakpoint
DROP TABLE `audit_entries`;--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL,
	`passwordHash` text NOT NULL,
	`role` text NOT NULL,
	`createdAt` integer NOT NULL,
	`deactivatedAt` integer
);
--> statement-breakpoint
CREATE TABLE `members` (
	`projectId` text NOT NULL,
	`userId` text NOT NULL,
	`role` text NOT NULL,
	`createdAt` integer NOT NULL,
	PRIMARY KEY(`projectId`, `userId`),
	FOREIGN KEY (`projectId`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`userId`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `experiments` (
	`id` text PRIMARY KEY NOT NULL,
	`projectId` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`task` text NOT NULL,
	`target` text,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`projectId`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
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
	FOREIGN KEY (`experimentId`) REFERENCES `experiments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
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
	`step` text,
	`stepStartedAt` integer,
	`notifiedAt` integer,
	FOREIGN KEY (`pipelineId`) REFERENCES `pipelines`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `alerts` (
	`id` text PRIMARY KEY NOT NULL,
	`deploymentId` text NOT NULL,
	`kind` text NOT NULL,
	`threshold` real NOT NULL,
	`metric` text,
	`notifyBy` text NOT NULL,
	`notifyTo` text NOT NULL,
	`sealedSecret` text,
	`origin` text NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	`state` text NOT NULL,
	`since` integer NOT NULL,
	`fineLooks` integer DEFAULT 0 NOT NULL,
	`lastValue` real,
	`lastDetail` text,
	`lastCheckedAt` integer,
	`checkError` text,
	`deliveryError` text,
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `alert_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`alertId` text NOT NULL,
	`incidentId` text NOT NULL,
	`event` text NOT NULL,
	`message` text NOT NULL,
	`state` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`nextAttemptAt` integer NOT NULL,
	`lastError` text,
	`createdAt` integer NOT NULL,
	FOREIGN KEY (`alertId`) REFERENCES `alerts`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`incidentId`) REFERENCES `alert_incidents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `audit_entries` (
	`id` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`projectId` text,
	`actorKind` text NOT NULL,
	`actorId` text,
	`actorName` text,
	`via` text,
	`address` text,
	`action` text NOT NULL,
	`objectKind` text NOT NULL,
	`objectId` text NOT NULL,
	`objectName` text,
	`before` text,
	`after` text
);
--> statement-breakpoint
INSERT INTO `users` SELECT * FROM `kept_users`;--> statement-breakpoint
INSERT INTO `sessions` SELECT * FROM `kept_sessions`;--> statement-breakpoint
INSERT INTO `personal_tokens` SELECT * FROM `kept_personal_tokens`;--> statement-breakpoint
INSERT INTO `invitations` SELECT * FROM `kept_invitations`;--> statement-breakpoint
INSERT INTO `members` SELECT * FROM `kept_members`;--> statement-breakpoint
INSERT INTO `experiments` SELECT * FROM `kept_experiments`;--> statement-breakpoint
INSERT INTO `deployments` SELECT * FROM `kept_deployments`;--> statement-breakpoint
INSERT INTO `runs` SELECT * FROM `kept_runs`;--> statement-breakpoint
INSERT INTO `alerts` SELECT * FROM `kept_alerts`;--> statement-breakpoint
INSERT INTO `alert_incidents` SELECT * FROM `kept_alert_incidents`;--> statement-breakpoint
INSERT INTO `alert_deliveries` SELECT * FROM `kept_alert_deliveries`;--> statement-breakpoint
INSERT INTO `audit_entries` SELECT * FROM `kept_audit_entries`;--> statement-breakpoint
DROP TABLE `kept_users`;--> statement-breakpoint
DROP TABLE `kept_members`;--> statement-breakpoint
DROP TABLE `kept_experiments`;--> statement-breakpoint
DROP TABLE `kept_deployments`;--> statement-breakpoint
DROP TABLE `kept_runs`;--> statement-breakpoint
DROP TABLE `kept_alerts`;--> statement-breakpoint
DROP TABLE `kept_alert_deliveries`;--> statement-breakpoint
DROP TABLE `kept_audit_entries`;--> statement-breakpoint
DROP TABLE `kept_sessions`;--> statement-breakpoint
DROP TABLE `kept_personal_tokens`;--> statement-breakpoint
DROP TABLE `kept_invitations`;--> statement-breakpoint
DROP TABLE `kept_alert_incidents`;--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);--> statement-breakpoint
CREATE INDEX `members_user` ON `members` (`userId`);--> statement-breakpoint
CREATE INDEX `experiments_project` ON `experiments` (`projectId`,`createdAt`);--> statement-breakpoint
CREATE UNIQUE INDEX `deployments_slug_unique` ON `deployments` (`slug`);--> statement-breakpoint
CREATE INDEX `deployments_project` ON `deployments` (`projectId`,`createdAt`);--> statement-breakpoint
CREATE UNIQUE INDEX `runs_slot` ON `runs` (`pipelineId`,`slot`);--> statement-breakpoint
CREATE INDEX `runs_pipeline` ON `runs` (`pipelineId`,`createdAt`);--> statement-breakpoint
CREATE INDEX `runs_deployment` ON `runs` (`deploymentId`,`createdAt`);--> statement-breakpoint
CREATE INDEX `runs_state` ON `runs` (`state`);--> statement-breakpoint
CREATE INDEX `alerts_deployment` ON `alerts` (`deploymentId`,`createdAt`);--> statement-breakpoint
CREATE INDEX `alerts_checked` ON `alerts` (`lastCheckedAt`);--> statement-breakpoint
CREATE UNIQUE INDEX `alert_deliveries_event` ON `alert_deliveries` (`incidentId`,`event`);--> statement-breakpoint
CREATE INDEX `alert_deliveries_due` ON `alert_deliveries` (`state`,`nextAttemptAt`);--> statement-breakpoint
CREATE INDEX `alert_deliveries_alert` ON `alert_deliveries` (`alertId`,`state`);--> statement-breakpoint
CREATE INDEX `audit_entries_project` ON `audit_entries` (`projectId`,`at`);--> statement-breakpoint
CREATE INDEX `audit_entries_at` ON `audit_entries` (`at`);--> statement-breakpoint
CREATE TRIGGER `audit_entries_no_update` BEFORE UPDATE ON `audit_entries`
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
--> statement-breakpoint
CREATE TRIGGER `audit_entries_no_delete` BEFORE DELETE ON `audit_entries`
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
