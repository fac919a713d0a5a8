CREATE TABLE `invitations` (
	`userId` text PRIMARY KEY NOT NULL,
	`tokenHash` text NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	`expiresAt` integer NOT NULL,
	FOREIGN KEY (`userId`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_tokenHash_unique` ON `invitations` (`tokenHash`);--> statement-breakpoint
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
	`after` text,
	CONSTRAINT "audit_entries_actor" CHECK("audit_entries"."actorKind" in ('user', 'key', 'nobody', 'system'))
);
--> statement-breakpoint
CREATE INDEX `audit_entries_project` ON `audit_entries` (`projectId`,`at`);--> statement-breakpoint
CREATE INDEX `audit_entries_at` ON `audit_entries` (`at`);--> statement-breakpoint
ALTER TABLE `projects` ADD `deletedAt` integer;