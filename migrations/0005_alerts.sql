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
	FOREIGN KEY (`incidentId`) REFERENCES `alert_incidents`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "alert_deliveries_state" CHECK("alert_deliveries"."state" in ('pending', 'delivered', 'given_up'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alert_deliveries_event` ON `alert_deliveries` (`incidentId`,`event`);--> statement-breakpoint
CREATE INDEX `alert_deliveries_due` ON `alert_deliveries` (`state`,`nextAttemptAt`);--> statement-breakpoint
CREATE INDEX `alert_deliveries_alert` ON `alert_deliveries` (`alertId`,`state`);--> statement-breakpoint
CREATE TABLE `alert_incidents` (
	`id` text PRIMARY KEY NOT NULL,
	`alertId` text NOT NULL,
	`startedAt` integer NOT NULL,
	`resolvedAt` integer,
	`value` real NOT NULL,
	FOREIGN KEY (`alertId`) REFERENCES `alerts`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `alert_incidents_open` ON `alert_incidents` (`alertId`) WHERE "alert_incidents"."resolvedAt" is null;--> statement-breakpoint
CREATE INDEX `alert_incidents_alert` ON `alert_incidents` (`alertId`,`startedAt`);--> statement-breakpoint
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
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "alerts_kind" CHECK("alerts"."kind" in ('drift', 'errors', 'latency', 'performance', 'not_running')),
	CONSTRAINT "alerts_state" CHECK("alerts"."state" in ('ok', 'firing', 'unknown')),
	CONSTRAINT "alerts_metric" CHECK(("alerts"."metric" is not null) = ("alerts"."kind" = 'performance')),
	CONSTRAINT "alerts_secret" CHECK(("alerts"."sealedSecret" is not null) = ("alerts"."notifyBy" = 'webhook'))
);
--> statement-breakpoint
CREATE INDEX `alerts_deployment` ON `alerts` (`deploymentId`,`createdAt`);--> statement-breakpoint
CREATE INDEX `alerts_checked` ON `alerts` (`lastCheckedAt`);--> statement-breakpoint
CREATE TABLE `deployment_status` (
	`deploymentId` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`running` integer NOT NULL,
	`since` integer NOT NULL,
	`reason` text,
	`checkedAt` integer NOT NULL,
	`nextProbeAt` integer NOT NULL,
	`failures` integer NOT NULL,
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `deployment_status_next` ON `deployment_status` (`nextProbeAt`);