CREATE TABLE "d1_migrations" (
		id         INTEGER PRIMARY KEY AUTOINCREMENT,
		name       TEXT UNIQUE,
		applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
	);
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
CREATE TABLE `sessions` (
	`tokenHash` text PRIMARY KEY NOT NULL,
	`userId` text NOT NULL,
	`createdAt` integer NOT NULL,
	`expiresAt` integer NOT NULL,
	FOREIGN KEY (`userId`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
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
CREATE TABLE `deployment_hosts` (
	`name` text PRIMARY KEY NOT NULL,
	`deploymentId` text NOT NULL,
	`versionNumber` integer NOT NULL,
	`createdAt` integer NOT NULL, `objectId` text, `unpushedSince` integer, `runAt` integer,
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action
);
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
CREATE TABLE `projects` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL
, `deletedAt` integer);
CREATE TABLE `invitations` (
	`userId` text PRIMARY KEY NOT NULL,
	`tokenHash` text NOT NULL,
	`createdBy` text NOT NULL,
	`createdAt` integer NOT NULL,
	`expiresAt` integer NOT NULL,
	FOREIGN KEY (`userId`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
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
CREATE TABLE `billed_cpu` (
	`objectId` text NOT NULL,
	`start` integer NOT NULL,
	`cpuMs` real NOT NULL,
	`invocations` integer NOT NULL,
	PRIMARY KEY(`objectId`, `start`)
);
CREATE TABLE `process_samples` (
	`at` integer PRIMARY KEY NOT NULL,
	`cpuMs` real NOT NULL,
	`rssBytes` integer NOT NULL
);
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
CREATE TABLE `alert_incidents` (
	`id` text PRIMARY KEY NOT NULL,
	`alertId` text NOT NULL,
	`startedAt` integer NOT NULL,
	`resolvedAt` integer,
	`value` real NOT NULL,
	FOREIGN KEY (`alertId`) REFERENCES `alerts`(`id`) ON UPDATE no action ON DELETE cascade
);
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
CREATE TABLE `dataset_parts` (
	`datasetId` text NOT NULL,
	`part` integer NOT NULL,
	`etag` text NOT NULL,
	`bytes` integer NOT NULL,
	PRIMARY KEY(`datasetId`, `part`),
	FOREIGN KEY (`datasetId`) REFERENCES `datasets`(`id`) ON UPDATE no action ON DELETE no action
);
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
CREATE TABLE `deliveries` (
	`runId` text NOT NULL,
	`position` integer NOT NULL,
	`connectionId` text NOT NULL,
	`destination` text NOT NULL,
	`state` text NOT NULL,
	`rows` integer,
	`at` integer, `errorCode` text, `errorMessage` text,
	PRIMARY KEY(`runId`, `position`),
	FOREIGN KEY (`runId`) REFERENCES `runs`(`id`) ON UPDATE no action ON DELETE no action
);
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
	`deletedAt` integer, `notifyBy` text, `notifyTo` text, `sealedSecret` text, `origin` text DEFAULT '' NOT NULL,
	FOREIGN KEY (`projectId`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action
);
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
	`finishedAt` integer, `step` text, `stepStartedAt` integer, `notifiedAt` integer,
	FOREIGN KEY (`pipelineId`) REFERENCES `pipelines`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`deploymentId`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "runs_state_known" CHECK("runs"."state" in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped'))
);
INSERT INTO "d1_migrations" ("id", "name", "applied_at") VALUES (1, '0000_init.sql', '2026-11-30 14:35:42');
INSERT INTO "d1_migrations" ("id", "name", "applied_at") VALUES (2, '0001_people_and_audit.sql', '2026-11-30 14:35:42');
INSERT INTO "d1_migrations" ("id", "name", "applied_at") VALUES (3, '0002_audit_append_only.sql', '2026-11-30 14:35:42');
INSERT INTO "d1_migrations" ("id", "name", "applied_at") VALUES (4, '0003_monitoring_windows.sql', '2026-11-30 14:35:42');
INSERT INTO "d1_migrations" ("id", "name", "applied_at") VALUES (5, '0004_usage.sql', '2026-11-30 14:35:42');
INSERT INTO "d1_migrations" ("id", "name", "applied_at") VALUES (6, '0005_alerts.sql', '2026-11-30 14:35:42');
INSERT INTO "d1_migrations" ("id", "name", "applied_at") VALUES (7, '0006_pipelines.sql', '2026-11-30 14:35:42');
INSERT INTO "d1_migrations" ("id", "name", "applied_at") VALUES (8, '0007_pipeline_runs.sql', '2026-11-30 14:35:42');
INSERT INTO "api_keys" ("id", "deploymentId", "name", "prefix", "keyHash", "createdBy", "createdAt", "expiresAt", "lastUsedAt") VALUES ('key_8cpm8zxv60t9k5z3hbv9', 'dep_npwpbjea96az29wx3kf2', 'key', 'tyk_3ZItDBxs', 'ff9099ba366f0689358741825fb2d10c686e1334a7a784a82ecbd7fb55ac6f08', 'usr_fjkby63015exbkhcy38f', 1785747600000, NULL, 1795177800000);
INSERT INTO "personal_tokens" ("id", "userId", "name", "prefix", "tokenHash", "createdAt", "expiresAt", "lastUsedAt") VALUES ('tok_e55s3zwsrzfn17zd5szf', 'usr_d0bjx4d0znc5n0x3mxdk', 'setup', 'typ_G1sG3iSx', 'cc6abdd241e6498e0127956bfd009f7e65a25cb4448b710108849866d31e2ba4', 1785747600000, NULL, 1795176000000);
INSERT INTO "personal_tokens" ("id", "userId", "name", "prefix", "tokenHash", "createdAt", "expiresAt", "lastUsedAt") VALUES ('tok_j5x1byczctmbsa8td9me', 'usr_fjkby63015exbkhcy38f', 'test', 'typ_bKAMYOtG', '814bad7b10e2dfda869c0c6b0047d951e2a90456815f696764199c4fc7a7c581', 1785747600000, NULL, 1795177800000);
INSERT INTO "personal_tokens" ("id", "userId", "name", "prefix", "tokenHash", "createdAt", "expiresAt", "lastUsedAt") VALUES ('tok_af8h1hh1s36rfdzn9a2k', 'usr_y49d9j4gyr2pmvk5wrty', 'test', 'typ_SyjRiZar', '4c78ba4f76f5e12f3c87be30917e25070d2af2b654ec74c356cf9ea0056f8549', 1795176000000, NULL, NULL);
INSERT INTO "sessions" ("tokenHash", "userId", "createdAt", "expiresAt") VALUES ('6bec5fda126410bfd570262513c49af7ceb648b631a471d8e384afce2fadc610', 'usr_fjkby63015exbkhcy38f', 1795176000000, 1797768000000);
INSERT INTO "users" ("id", "email", "name", "passwordHash", "role", "createdAt", "deactivatedAt") VALUES ('usr_d0bjx4d0znc5n0x3mxdk', 'admin@tiltyard.test', 'Admin', 'scrypt$16384$8$5$8FI5DcR53elRRVQhHnvVAQ$sQec1oky8V0wEVEe2G9aXoFQDyPdA_s6A1b__8Ag-6U', 'admin', 1785747600000, NULL);
INSERT INTO "users" ("id", "email", "name", "passwordHash", "role", "createdAt", "deactivatedAt") VALUES ('usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'A user', 'scrypt$2$1$1$dEePlaWKX2IS9KfASD1pUg$Ld2I8rYPeTYEWUTxHMSsqQ7DZSBwusSiAiiAMJc3b-0', 'member', 1785747600000, NULL);
INSERT INTO "users" ("id", "email", "name", "passwordHash", "role", "createdAt", "deactivatedAt") VALUES ('usr_c63h66tt1kyksxd7rncs', 'invited@tiltyard.test', 'Invited', 'none', 'member', 1795176000000, NULL);
INSERT INTO "users" ("id", "email", "name", "passwordHash", "role", "createdAt", "deactivatedAt") VALUES ('usr_y49d9j4gyr2pmvk5wrty', '4s1ea562pkf6@tiltyard.test', 'A user', 'scrypt$2$1$1$p6e1I_z2XC2CKjfCCbYAfg$2UFtOInJzhyO2RjN70k0rlIRuPjEXQ0sycwfCfpHouA', 'member', 1795176000000, NULL);
INSERT INTO "deployment_hosts" ("name", "deploymentId", "versionNumber", "createdAt", "objectId", "unpushedSince", "runAt") VALUES ('dep_npwpbjea96az29wx3kf2/1/local/0', 'dep_npwpbjea96az29wx3kf2', 1, 1785747600000, '6e7730bc48480e8396f6a2809e45f4bcef482a20bc73ca6b357e1a31b5c6e233', NULL, NULL);
INSERT INTO "deployment_hosts" ("name", "deploymentId", "versionNumber", "createdAt", "objectId", "unpushedSince", "runAt") VALUES ('dep_npwpbjea96az29wx3kf2/1/run/run_7hk4t8r9mhkmee7e28t3', 'dep_npwpbjea96az29wx3kf2', 1, 1795176000000, NULL, NULL, 1795176000000);
INSERT INTO "deployment_versions" ("id", "deploymentId", "number", "mainModelId", "challengerModelId", "note", "challengerSuspendedAt", "challengerSuspendedReason", "createdBy", "createdAt") VALUES ('dpv_0fdq3h9bw4cqvec9jr1w', 'dep_npwpbjea96az29wx3kf2', 1, 'mdl_b2989ttwm8xaap8xbjv2', 'mdl_kv3jmgntrxbftsa4yk4s', '', NULL, NULL, 'usr_fjkby63015exbkhcy38f', 1785747600000);
INSERT INTO "deployments" ("id", "slug", "projectId", "experimentId", "name", "description", "access", "typePolicy", "deployed", "errorCode", "errorMessage", "currentVersion", "createdBy", "createdAt", "deletedAt", "purgedAt") VALUES ('dep_npwpbjea96az29wx3kf2', 'deployment', 'prj_meyddn7fwzbkezd6w11g', 'exp_mdahpvcagmg7818qyj7s', 'Deployment', '', 'project', 'best_effort', 'deployed', NULL, NULL, 1, 'usr_fjkby63015exbkhcy38f', 1785747600000, NULL, NULL);
INSERT INTO "experiment_versions" ("id", "experimentId", "number", "state", "errorCode", "errorMessage", "rows", "holdoutRows", "features", "notes", "createdBy", "createdAt") VALUES ('ver_ahrsytrr224977c9qrmh', 'exp_mdahpvcagmg7818qyj7s', 1, 'succeeded', NULL, NULL, 12, NULL, '[{"name":"amount","kind":"numeric","numericCategories":false,"reference":{"rows":12,"missing":0,"example":1,"min":0,"max":3,"mean":1.5,"std":1.118033988749895,"median":1.5,"integer":true,"categories":null,"other":0}},{"name":"plan","kind":"categorical","numericCategories":false,"reference":{"rows":12,"missing":0,"example":"basic","min":null,"max":null,"mean":null,"std":null,"median":null,"integer":false,"categories":[{"value":"basic","count":6},{"value":"pro","count":6}],"other":0}}]', '[]', 'usr_fjkby63015exbkhcy38f', 1785747600000);
INSERT INTO "experiments" ("id", "projectId", "name", "description", "task", "target", "createdBy", "createdAt") VALUES ('exp_mdahpvcagmg7818qyj7s', 'prj_meyddn7fwzbkezd6w11g', 'Deployment', '', 'regression', 'price', 'usr_fjkby63015exbkhcy38f', 1785747600000);
INSERT INTO "models" ("id", "versionId", "name", "state", "errorCode", "errorMessage", "report", "plan", "metrics", "statedMetrics", "bytes", "sha256", "servingSha256", "servingBytes", "heapBytes", "loadMs", "createdBy", "createdAt") VALUES ('mdl_b2989ttwm8xaap8xbjv2', 'ver_ahrsytrr224977c9qrmh', 'main', 'succeeded', NULL, NULL, '[{"level":"info","code":"outputs_found","message":"Of the outputs, the value is \"prediction\", \"plan_seen\" is kept as extra."}]', '{"task":"regression","inputs":[{"name":"amount","type":"float32","dims":[null,1],"columns":["amount"]},{"name":"plan","type":"string","dims":[null,1],"columns":["plan"]}],"batchRows":null,"outputs":{"label":null,"probabilities":null,"value":"prediction","score":null,"extra":["plan_seen"]},"classes":null}', '{"rows":12,"source":"training","values":{"rmse":4.262237284181474,"mae":3.5,"mape":0.659042809042809,"r2":-0.5244755244755244}}', NULL, 232, '18c39671d6ae328ba55bda861cc69581a98dcd5cedacd20428950fbecc9e389d', '18c39671d6ae328ba55bda861cc69581a98dcd5cedacd20428950fbecc9e389d', 232, 16777216, 0, 'usr_fjkby63015exbkhcy38f', 1785747600000);
INSERT INTO "models" ("id", "versionId", "name", "state", "errorCode", "errorMessage", "report", "plan", "metrics", "statedMetrics", "bytes", "sha256", "servingSha256", "servingBytes", "heapBytes", "loadMs", "createdBy", "createdAt") VALUES ('mdl_kv3jmgntrxbftsa4yk4s', 'ver_ahrsytrr224977c9qrmh', 'challenger', 'succeeded', NULL, NULL, '[{"level":"info","code":"outputs_found","message":"Of the outputs, the value is \"prediction\"."}]', '{"task":"regression","inputs":[{"name":"amount","type":"float32","dims":[null,1],"columns":["amount"]}],"batchRows":null,"outputs":{"label":null,"probabilities":null,"value":"prediction","score":null,"extra":[]},"classes":null}', '{"rows":12,"source":"training","values":{"rmse":46.69225488950674,"mae":26,"mape":5.001755651755652,"r2":-181.95104895104896}}', NULL, 213, 'd11ec15550b0453330ddb341c7855de01f98cd1dd1b3a6153725ab1f548eff3e', 'd11ec15550b0453330ddb341c7855de01f98cd1dd1b3a6153725ab1f548eff3e', 213, 16777216, 0, 'usr_fjkby63015exbkhcy38f', 1785747600000);
INSERT INTO "members" ("projectId", "userId", "role", "createdAt") VALUES ('prj_tv9dxvcjd0h0w6xdv46d', 'usr_d0bjx4d0znc5n0x3mxdk', 'admin', 1785747600000);
INSERT INTO "members" ("projectId", "userId", "role", "createdAt") VALUES ('prj_meyddn7fwzbkezd6w11g', 'usr_fjkby63015exbkhcy38f', 'admin', 1785747600000);
INSERT INTO "members" ("projectId", "userId", "role", "createdAt") VALUES ('prj_meyddn7fwzbkezd6w11g', 'usr_y49d9j4gyr2pmvk5wrty', 'viewer', 1795176000000);
INSERT INTO "projects" ("id", "slug", "name", "description", "createdBy", "createdAt", "deletedAt") VALUES ('prj_tv9dxvcjd0h0w6xdv46d', 'first-project', 'First project', '', 'usr_d0bjx4d0znc5n0x3mxdk', 1785747600000, NULL);
INSERT INTO "projects" ("id", "slug", "name", "description", "createdBy", "createdAt", "deletedAt") VALUES ('prj_meyddn7fwzbkezd6w11g', 'deployment', 'Deployment', '', 'usr_fjkby63015exbkhcy38f', 1785747600000, NULL);
INSERT INTO "invitations" ("userId", "tokenHash", "createdBy", "createdAt", "expiresAt") VALUES ('usr_c63h66tt1kyksxd7rncs', 'eeacb78e5de6e099615c9675a20b7a4d6c38c7c82737ef89f0eb5d3d16e6fa9d', 'usr_d0bjx4d0znc5n0x3mxdk', 1795176000000, 1795780800000);
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_epj32abkrs428dws7mbk', 1785747600000, NULL, 'nobody', NULL, NULL, NULL, 'g0bw25wr9y', 'user.create', 'user', 'usr_d0bjx4d0znc5n0x3mxdk', 'admin@tiltyard.test', NULL, '{"email":"admin@tiltyard.test","name":"Admin","role":"admin"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_a3tfav3yxd41tvkdray0', 1785747600000, 'prj_tv9dxvcjd0h0w6xdv46d', 'nobody', NULL, NULL, NULL, 'g0bw25wr9y', 'project.create', 'project', 'prj_tv9dxvcjd0h0w6xdv46d', 'First project', NULL, '{"slug":"first-project","admin":"usr_d0bjx4d0znc5n0x3mxdk"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_9crs56cear8yzmh0xfgc', 1785747600000, NULL, 'nobody', NULL, NULL, NULL, 'g0bw25wr9y', 'token.create', 'token', 'tok_e55s3zwsrzfn17zd5szf', 'setup', NULL, '{"user_id":"usr_d0bjx4d0znc5n0x3mxdk","prefix":"typ_G1sG3iSx","expires_at":null}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_mzedmc9rykh0qxhsd0tg', 1785747600000, NULL, 'nobody', NULL, NULL, NULL, NULL, 'token.create', 'token', 'tok_j5x1byczctmbsa8td9me', 'test', NULL, '{"user_id":"usr_fjkby63015exbkhcy38f","prefix":"typ_bKAMYOtG","expires_at":null}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_rgszh2evckmnvmha3z8j', 1785747600000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', '7zk92jyqr3', 'project.create', 'project', 'prj_meyddn7fwzbkezd6w11g', 'Deployment', NULL, '{"slug":"deployment","admin":"usr_fjkby63015exbkhcy38f"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_ae4ww3bs0rqhd1ccz8fb', 1785747600000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'x9f7011sbg', 'experiment.create', 'experiment', 'exp_mdahpvcagmg7818qyj7s', 'Deployment', NULL, '{"task":"regression","target":"price"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_ztn1dz9w3fm0b6gvwaq3', 1785747600000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'a5bccj1t01', 'version.create', 'version', 'ver_ahrsytrr224977c9qrmh', 'Deployment, version 1', NULL, '{"experiment_id":"exp_mdahpvcagmg7818qyj7s","rows":12}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_5mg17v8f1s8g7dykwttm', 1785747600000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'z947wnp6dp', 'model.add', 'model', 'mdl_b2989ttwm8xaap8xbjv2', 'main', NULL, '{"experiment_id":"exp_mdahpvcagmg7818qyj7s","version":1,"bytes":232,"sha256":"18c39671d6ae328ba55bda861cc69581a98dcd5cedacd20428950fbecc9e389d"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_x0dcgc6dpjkgfes4zef3', 1785747600000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'c0b4q17zhq', 'model.add', 'model', 'mdl_kv3jmgntrxbftsa4yk4s', 'challenger', NULL, '{"experiment_id":"exp_mdahpvcagmg7818qyj7s","version":1,"bytes":213,"sha256":"d11ec15550b0453330ddb341c7855de01f98cd1dd1b3a6153725ab1f548eff3e"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_980pvp5ybt5w1z60q6as', 1785747600000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'rhq1sd2p85', 'deployment.create', 'deployment', 'dep_npwpbjea96az29wx3kf2', 'Deployment', NULL, '{"slug":"deployment","access":"project","type_policy":"best_effort","main":"mdl_b2989ttwm8xaap8xbjv2","challenger":"mdl_kv3jmgntrxbftsa4yk4s"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_se4rjs6pp9xfenvsxm1c', 1785747600000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'ejgvfs4rxh', 'key.create', 'key', 'key_8cpm8zxv60t9k5z3hbv9', 'key', NULL, '{"deployment":"deployment","prefix":"tyk_3ZItDBxs","expires_at":null}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_dd1qb5q5cry9w4dhkrzp', 1795176000000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', '04vxepde1x', 'dataset.create', 'dataset', 'dst_7577pnm12bzww5d98yrg', 'Rows', NULL, '{"format":"csv"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_kky86d6hz3zrkbwf27hw', 1795176000000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'z23avy5c2w', 'pipeline.create', 'pipeline', 'pip_e2z30mzb3j63ez2nnyd5', 'Batch', NULL, '{"name":"Batch","deployment_id":"dep_npwpbjea96az29wx3kf2","source":"dataset dst_7577pnm12bzww5d98yrg","destinations":"","schedule":null,"enabled":true,"notify":null}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_jf03w24cjsvvbb7960b0', 1795176000000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', '2ym3r6q48s', 'run.create', 'run', 'run_7hk4t8r9mhkmee7e28t3', 'Batch', NULL, '{"pipeline_id":"pip_e2z30mzb3j63ez2nnyd5"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_ctczwv6060dw5v1ce1gn', 1795176000000, NULL, 'user', 'usr_d0bjx4d0znc5n0x3mxdk', 'admin@tiltyard.test', 'token', 'g971298b1v', 'user.create', 'user', 'usr_c63h66tt1kyksxd7rncs', 'invited@tiltyard.test', NULL, '{"email":"invited@tiltyard.test","name":"Invited","role":"member"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_tytk7gjta8avkxa5qfys', 1795176000000, NULL, 'user', 'usr_d0bjx4d0znc5n0x3mxdk', 'admin@tiltyard.test', 'token', 'g971298b1v', 'user.invite', 'user', 'usr_c63h66tt1kyksxd7rncs', 'invited@tiltyard.test', NULL, '{"expires_at":"2026-11-27T12:00:00.000Z"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_wj2k0nw32s4x8rqj5wx9', 1795176000000, NULL, 'nobody', NULL, NULL, NULL, NULL, 'token.create', 'token', 'tok_af8h1hh1s36rfdzn9a2k', 'test', NULL, '{"user_id":"usr_y49d9j4gyr2pmvk5wrty","prefix":"typ_SyjRiZar","expires_at":null}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_4x2f224kvmjq8cv9zwqp', 1795176000000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'fd6vb4fg1g', 'member.set', 'member', 'usr_y49d9j4gyr2pmvk5wrty', '4s1ea562pkf6@tiltyard.test', NULL, '{"role":"viewer"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_fqmdndhrjafydh905fvh', 1795176000000, NULL, 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'session', 'k6shs1xkrz', 'session.open', 'session', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', NULL, NULL);
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_96mek8nxx08rxbv6zdgk', 1795176000000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'gk5k7y6dsq', 'alert.create', 'alert', 'alr_ecp6z8wychrdt4b01d15', 'Performance (RMSE)', NULL, '{"deployment":"deployment","kind":"performance","threshold":3,"metric":"rmse","webhook":"hooks.example.org"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_y109t91vt4egj9h0ypzd', 1795176000000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'etadtz2hvk', 'alert.create', 'alert', 'alr_vk13qtrce3nd9drtw1wg', 'Drift', NULL, '{"deployment":"deployment","kind":"drift","threshold":1,"webhook":"hooks.example.org"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_xbhgxcjsb22jehdhmhr9', 1795176000000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', '2tt498qngr', 'connection.create', 'connection', 'con_2gvcc3asprmqk0grj2n7', 'The http', NULL, '{"kind":"http","host":"hooks.example.org"}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_1nkkd11ff0nb4575zn02', 1795176000000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'nt6f9kv0de', 'pipeline.create', 'pipeline', 'pip_g3gbq0jrz7ew7pn63fn2', 'Nightly scores', NULL, '{"name":"Nightly scores","deployment_id":"dep_npwpbjea96az29wx3kf2","source":"file of data.example.org","destinations":"con_2gvcc3asprmqk0grj2n7 sends rows","schedule":null,"enabled":true,"notify":null}');
INSERT INTO "audit_entries" ("id", "at", "projectId", "actorKind", "actorId", "actorName", "via", "address", "action", "objectKind", "objectId", "objectName", "before", "after") VALUES ('aud_b43ae5psc3zjyhq5nkf8', 1795176000000, 'prj_meyddn7fwzbkezd6w11g', 'user', 'usr_fjkby63015exbkhcy38f', 'jggh3cxpjhcy@tiltyard.test', 'token', 'ct7p7y64np', 'dataset.create', 'dataset', 'dst_kbqyg55y48pd1vsbghfv', 'In parts', NULL, '{"format":"csv"}');
INSERT INTO "monitoring_windows" ("deploymentId", "span", "start", "version", "host", "source", "referenceId", "rows", "computeMs", "features", "answers", "usage", "revision") VALUES ('dep_npwpbjea96az29wx3kf2', 'day', 1785715200000, 1, 'local0', 'online', 'ver_ahrsytrr224977c9qrmh', 2, 0.0, '{"amount":[-9,1,1,-2,1,1,-1],"plan":[-9,2]}', '{"main:mdl_b2989ttwm8xaap8xbjv2":[-9,1,1,-3,1,-1,1,-2],"challenger:mdl_kv3jmgntrxbftsa4yk4s":[-9,1,1,-1,2,-20],"shadow:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[-9,1,1,-3,1,-1,1,-2],"pair:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[2,-2,2,2,2,-2]}', '{"main":[1,-1,2,-1,2,16777216,1],"challenger":[2,-1,2,-1,2,16777216,1]}', 2);
INSERT INTO "monitoring_windows" ("deploymentId", "span", "start", "version", "host", "source", "referenceId", "rows", "computeMs", "features", "answers", "usage", "revision") VALUES ('dep_npwpbjea96az29wx3kf2', 'hour', 1795176000000, 1, 'local0', 'online', 'ver_ahrsytrr224977c9qrmh', 5, 0.0, '{"amount":[-3,1,-1,6,-3,1,1,2,-1,1,1,2],"plan":[-8,1,4]}', '{"main:mdl_b2989ttwm8xaap8xbjv2":[-3,1,-1,12,-3,1,1,2,-2,1,-1,1,-1,2],"challenger:mdl_kv3jmgntrxbftsa4yk4s":[-9,1,-1,2,1,-19,2],"shadow:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[-3,2,-1,188,-3,1,-4,1,-4],"pair:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[3,2,-1,3,1,3,188,-1]}', '{"main":[4,-1,5,-1,1,16777216,1],"challenger":[3,2,3,-1,3,50331648,3],"latency":[4,-64]}', 6);
INSERT INTO "monitoring_windows" ("deploymentId", "span", "start", "version", "host", "source", "referenceId", "rows", "computeMs", "features", "answers", "usage", "revision") VALUES ('dep_npwpbjea96az29wx3kf2', 'day', 1795132800000, 1, 'local0', 'online', 'ver_ahrsytrr224977c9qrmh', 5, 0.0, '{"amount":[-3,1,-1,6,-3,1,1,2,-1,1,1,2],"plan":[-8,1,4]}', '{"main:mdl_b2989ttwm8xaap8xbjv2":[-3,1,-1,12,-3,1,1,2,-2,1,-1,1,-1,2],"challenger:mdl_kv3jmgntrxbftsa4yk4s":[-9,1,-1,2,1,-19,2],"shadow:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[-3,2,-1,188,-3,1,-4,1,-4],"pair:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[3,2,-1,3,1,3,188,-1]}', '{"main":[4,-1,5,-1,1,16777216,1],"challenger":[3,2,3,-1,3,50331648,3],"latency":[4,-64]}', 6);
INSERT INTO "monitoring_windows" ("deploymentId", "span", "start", "version", "host", "source", "referenceId", "rows", "computeMs", "features", "answers", "usage", "revision") VALUES ('dep_npwpbjea96az29wx3kf2', 'hour', 1795176000000, 1, 'run_7hk4t8r9mhkmee7e28t3', 'batch', 'ver_ahrsytrr224977c9qrmh', 3, 0.0, '{"amount":[-8,1,-1,1,1,1,-1,1,1],"plan":[-8,2,1]}', '{"main:mdl_b2989ttwm8xaap8xbjv2":[-8,1,-1,1,1,1,-3,1,-1,1],"challenger:mdl_kv3jmgntrxbftsa4yk4s":[-8,1,-1,1,1,2,-19,1],"shadow:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[-3,1,-1,94,-2,1,-1,1,-1,1,-3,1,-2],"pair:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[3,-2,3,2,3,94,-1]}', '{"main":[-2,3,-1,3,-2],"challenger":[3,-1,3,-1,3,-2]}', 1);
INSERT INTO "monitoring_windows" ("deploymentId", "span", "start", "version", "host", "source", "referenceId", "rows", "computeMs", "features", "answers", "usage", "revision") VALUES ('dep_npwpbjea96az29wx3kf2', 'day', 1795132800000, 1, 'run_7hk4t8r9mhkmee7e28t3', 'batch', 'ver_ahrsytrr224977c9qrmh', 3, 0.0, '{"amount":[-8,1,-1,1,1,1,-1,1,1],"plan":[-8,2,1]}', '{"main:mdl_b2989ttwm8xaap8xbjv2":[-8,1,-1,1,1,1,-3,1,-1,1],"challenger:mdl_kv3jmgntrxbftsa4yk4s":[-8,1,-1,1,1,2,-19,1],"shadow:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[-3,1,-1,94,-2,1,-1,1,-1,1,-3,1,-2],"pair:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[3,-2,3,2,3,94,-1]}', '{"main":[-2,3,-1,3,-2],"challenger":[3,-1,3,-1,3,-2]}', 1);
INSERT INTO "billed_cpu" ("objectId", "start", "cpuMs", "invocations") VALUES ('object', 1795176000000, 12.0, 3);
INSERT INTO "process_samples" ("at", "cpuMs", "rssBytes") VALUES (1795176000000, 1200.0, 400000000);
INSERT INTO "alert_deliveries" ("id", "alertId", "incidentId", "event", "message", "state", "attempts", "nextAttemptAt", "lastError", "createdAt") VALUES ('adl_1', 'alr_vk13qtrce3nd9drtw1wg', 'inc_1', 'firing', '{}', 'delivered', 0, 1795176000000, NULL, 1795176000000);
INSERT INTO "alert_incidents" ("id", "alertId", "startedAt", "resolvedAt", "value") VALUES ('inc_1', 'alr_vk13qtrce3nd9drtw1wg', 1785747600000, 1795176000000, 2.0);
INSERT INTO "alerts" ("id", "deploymentId", "kind", "threshold", "metric", "notifyBy", "notifyTo", "sealedSecret", "origin", "createdBy", "createdAt", "state", "since", "fineLooks", "lastValue", "lastDetail", "lastCheckedAt", "checkError", "deliveryError") VALUES ('alr_ecp6z8wychrdt4b01d15', 'dep_npwpbjea96az29wx3kf2', 'performance', 3.0, 'rmse', 'webhook', 'https://hooks.example.org/x', 'v1.EcmJwYOxVSkuNSCN.sSEchDX7gJC7MHEK66f8slVhnKTPszKfl_DGFktQcTlkMlQJP5aR6GyL0LoiXoLJ-43DB__s0u7vRZt7FGrr', 'http://tiltyard.test', 'usr_fjkby63015exbkhcy38f', 1795176000000, 'unknown', 1795176000000, 0, NULL, 'Not enough data: 0/30 labelled rows in the last 7 days.', 1795176000000, NULL, NULL);
INSERT INTO "alerts" ("id", "deploymentId", "kind", "threshold", "metric", "notifyBy", "notifyTo", "sealedSecret", "origin", "createdBy", "createdAt", "state", "since", "fineLooks", "lastValue", "lastDetail", "lastCheckedAt", "checkError", "deliveryError") VALUES ('alr_vk13qtrce3nd9drtw1wg', 'dep_npwpbjea96az29wx3kf2', 'drift', 1.0, NULL, 'webhook', 'https://hooks.example.org/x', 'v1.EVDmiN_rpEr0vHZX.uwUAx6WqncXIAvus4mvw2uefuCqAi0Z8YxCKwcGZ3VUmJnvjdIOtDAUb49icJA9koxxT0Xc-6ToCgxJbV80L', 'http://tiltyard.test', 'usr_fjkby63015exbkhcy38f', 1795176000000, 'unknown', 1795176000000, 0, NULL, 'Not enough data: 0 rows in the last 24 h.', 1795176000000, NULL, NULL);
INSERT INTO "deployment_status" ("deploymentId", "version", "running", "since", "reason", "checkedAt", "nextProbeAt", "failures") VALUES ('dep_npwpbjea96az29wx3kf2', 1, 1, 1795176000000, NULL, 1795176000000, 1795176060000, 0);
INSERT INTO "connections" ("id", "projectId", "name", "kind", "settings", "sealedSecret", "createdBy", "createdAt") VALUES ('con_2gvcc3asprmqk0grj2n7', 'prj_meyddn7fwzbkezd6w11g', 'The http', 'http', '{"url":"https://hooks.example.org/rows"}', 'v1.WwpXdtHaxLMtooDB.O-neXKiwOJu3CidW9ckI05g8f5sTgwPyor4kkg3RUH4JgJo2-4Dw2jw', 'usr_fjkby63015exbkhcy38f', 1795176000000);
INSERT INTO "dataset_parts" ("datasetId", "part", "etag", "bytes") VALUES ('dst_kbqyg55y48pd1vsbghfv', 1, '', 49);
INSERT INTO "datasets" ("id", "projectId", "name", "format", "state", "errorCode", "errorMessage", "rows", "columns", "bytes", "uploadId", "createdBy", "createdAt") VALUES ('dst_7577pnm12bzww5d98yrg', 'prj_meyddn7fwzbkezd6w11g', 'Rows', 'csv', 'succeeded', NULL, NULL, 3, '["customer","amount","plan"]', 49, NULL, 'usr_fjkby63015exbkhcy38f', 1795176000000);
INSERT INTO "datasets" ("id", "projectId", "name", "format", "state", "errorCode", "errorMessage", "rows", "columns", "bytes", "uploadId", "createdBy", "createdAt") VALUES ('dst_kbqyg55y48pd1vsbghfv', 'prj_meyddn7fwzbkezd6w11g', 'In parts', 'csv', 'pending', NULL, NULL, NULL, NULL, 0, 'H7ErTk6qXB6k133nzJL-INpB3Iqv-8SD6_dHkj8ftFHVdLVgTt1aWK71CQC1UDpyHsKApWz4A5RscCSIZX8HBO2N374VkHk2DnesKRneustYpOaPz8IjCpr0fEnH8aw_9hcd_AwtZrpM6gY6TYiB6ozEbB7hkfY2wnMyN66BiC8', 'usr_fjkby63015exbkhcy38f', 1795176000000);
INSERT INTO "deliveries" ("runId", "position", "connectionId", "destination", "state", "rows", "at", "errorCode", "errorMessage") VALUES ('run_5sp6qcxmf3zb1de1wkzd', 0, 'con_2gvcc3asprmqk0grj2n7', '{"connection_id":"con_gone"}', 'succeeded', 3, 1795176000000, NULL, NULL);
INSERT INTO "pipelines" ("id", "projectId", "deploymentId", "name", "source", "destinations", "schedule", "enabled", "nextSlot", "createdBy", "createdAt", "deletedAt", "notifyBy", "notifyTo", "sealedSecret", "origin") VALUES ('pip_e2z30mzb3j63ez2nnyd5', 'prj_meyddn7fwzbkezd6w11g', 'dep_npwpbjea96az29wx3kf2', 'Batch', '{"kind":"dataset","dataset_id":"dst_7577pnm12bzww5d98yrg"}', '[]', NULL, 1, NULL, 'usr_fjkby63015exbkhcy38f', 1795176000000, NULL, NULL, NULL, NULL, 'http://tiltyard.test');
INSERT INTO "pipelines" ("id", "projectId", "deploymentId", "name", "source", "destinations", "schedule", "enabled", "nextSlot", "createdBy", "createdAt", "deletedAt", "notifyBy", "notifyTo", "sealedSecret", "origin") VALUES ('pip_g3gbq0jrz7ew7pn63fn2', 'prj_meyddn7fwzbkezd6w11g', 'dep_npwpbjea96az29wx3kf2', 'Nightly scores', '{"kind":"url","url":"https://data.example.org/customers.csv"}', '[{"connection_id":"con_2gvcc3asprmqk0grj2n7"}]', NULL, 1, NULL, 'usr_fjkby63015exbkhcy38f', 1795176000000, NULL, NULL, NULL, NULL, 'http://tiltyard.test');
INSERT INTO "runs" ("id", "pipelineId", "deploymentId", "trigger", "slot", "state", "version", "attempt", "rowsTotal", "rowsDone", "rowsFailed", "files", "errorCode", "errorMessage", "createdAt", "startedAt", "finishedAt", "step", "stepStartedAt", "notifiedAt") VALUES ('run_7hk4t8r9mhkmee7e28t3', 'pip_e2z30mzb3j63ez2nnyd5', 'dep_npwpbjea96az29wx3kf2', 'api', NULL, 'succeeded', 1, 1, 3, 3, 0, '{"main":{"rows":3,"bytes":178},"challenger":{"rows":3,"bytes":154},"errors":{"rows":0,"bytes":22,"ranges":[0]}}', NULL, NULL, 1795176000000, 1795176000000, 1795176000000, NULL, NULL, NULL);
INSERT INTO "runs" ("id", "pipelineId", "deploymentId", "trigger", "slot", "state", "version", "attempt", "rowsTotal", "rowsDone", "rowsFailed", "files", "errorCode", "errorMessage", "createdAt", "startedAt", "finishedAt", "step", "stepStartedAt", "notifiedAt") VALUES ('run_5sp6qcxmf3zb1de1wkzd', 'pip_g3gbq0jrz7ew7pn63fn2', 'dep_npwpbjea96az29wx3kf2', 'api', NULL, 'succeeded', NULL, 1, NULL, 0, 0, NULL, NULL, NULL, 1795176000000, NULL, NULL, NULL, NULL, NULL);
CREATE UNIQUE INDEX `api_keys_keyHash_unique` ON `api_keys` (`keyHash`);
CREATE INDEX `api_keys_deployment` ON `api_keys` (`deploymentId`);
CREATE UNIQUE INDEX `personal_tokens_tokenHash_unique` ON `personal_tokens` (`tokenHash`);
CREATE INDEX `personal_tokens_user` ON `personal_tokens` (`userId`);
CREATE INDEX `sessions_user` ON `sessions` (`userId`);
CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);
CREATE INDEX `deployment_hosts_deployment` ON `deployment_hosts` (`deploymentId`,`versionNumber`);
CREATE UNIQUE INDEX `deployment_versions_number` ON `deployment_versions` (`deploymentId`,`number`);
CREATE INDEX `deployment_versions_main` ON `deployment_versions` (`mainModelId`);
CREATE INDEX `deployment_versions_challenger` ON `deployment_versions` (`challengerModelId`);
CREATE UNIQUE INDEX `deployments_slug_unique` ON `deployments` (`slug`);
CREATE INDEX `deployments_project` ON `deployments` (`projectId`,`createdAt`);
CREATE UNIQUE INDEX `experiment_versions_number` ON `experiment_versions` (`experimentId`,`number`);
CREATE INDEX `experiments_project` ON `experiments` (`projectId`,`createdAt`);
CREATE INDEX `models_version` ON `models` (`versionId`,`createdAt`);
CREATE INDEX `members_user` ON `members` (`userId`);
CREATE UNIQUE INDEX `projects_slug_unique` ON `projects` (`slug`);
CREATE UNIQUE INDEX `invitations_tokenHash_unique` ON `invitations` (`tokenHash`);
CREATE INDEX `audit_entries_project` ON `audit_entries` (`projectId`,`at`);
CREATE INDEX `audit_entries_at` ON `audit_entries` (`at`);
CREATE TRIGGER `audit_entries_no_update` BEFORE UPDATE ON `audit_entries`
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER `audit_entries_no_delete` BEFORE DELETE ON `audit_entries`
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE INDEX `monitoring_windows_start` ON `monitoring_windows` (`span`,`start`);
CREATE UNIQUE INDEX `alert_deliveries_event` ON `alert_deliveries` (`incidentId`,`event`);
CREATE INDEX `alert_deliveries_due` ON `alert_deliveries` (`state`,`nextAttemptAt`);
CREATE INDEX `alert_deliveries_alert` ON `alert_deliveries` (`alertId`,`state`);
CREATE UNIQUE INDEX `alert_incidents_open` ON `alert_incidents` (`alertId`) WHERE "alert_incidents"."resolvedAt" is null;
CREATE INDEX `alert_incidents_alert` ON `alert_incidents` (`alertId`,`startedAt`);
CREATE INDEX `alerts_deployment` ON `alerts` (`deploymentId`,`createdAt`);
CREATE INDEX `alerts_checked` ON `alerts` (`lastCheckedAt`);
CREATE INDEX `deployment_status_next` ON `deployment_status` (`nextProbeAt`);
CREATE INDEX `connections_project` ON `connections` (`projectId`,`createdAt`);
CREATE INDEX `datasets_project` ON `datasets` (`projectId`,`createdAt`);
CREATE INDEX `pipelines_project` ON `pipelines` (`projectId`,`createdAt`);
CREATE INDEX `pipelines_deployment` ON `pipelines` (`deploymentId`);
CREATE INDEX `pipelines_due` ON `pipelines` (`nextSlot`);
CREATE UNIQUE INDEX `runs_slot` ON `runs` (`pipelineId`,`slot`);
CREATE INDEX `runs_pipeline` ON `runs` (`pipelineId`,`createdAt`);
CREATE INDEX `runs_deployment` ON `runs` (`deploymentId`,`createdAt`);
CREATE INDEX `runs_state` ON `runs` (`state`);
