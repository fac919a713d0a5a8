CREATE TABLE `billed_cpu` (
	`objectId` text NOT NULL,
	`start` integer NOT NULL,
	`cpuMs` real NOT NULL,
	`invocations` integer NOT NULL,
	PRIMARY KEY(`objectId`, `start`)
);
--> statement-breakpoint
CREATE TABLE `process_samples` (
	`at` integer PRIMARY KEY NOT NULL,
	`cpuMs` real NOT NULL,
	`rssBytes` integer NOT NULL
);
