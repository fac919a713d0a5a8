CREATE TABLE `monitoring_settings` (
	`deploymentId` text PRIMARY KEY NOT NULL,
	`settings` text NOT NULL,
	`updatedAt` integer NOT NULL,
	`updatedBy` text NOT NULL,
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action
);
