CREATE TABLE migrations (step integer primary key);
CREATE TABLE segments (
     id integer primary key,
     at integer not null,
     source text not null,
     rows integer not null,
     body text not null
   , numbers blob);
CREATE TABLE challenger_outputs (
     first_segment integer primary key,
     last_segment integer not null,
     state text not null check (state in ('attempt', 'done')),
     body text
   , attempts integer not null default 1);
CREATE TABLE challenger_health (
     id integer primary key check (id = 1),
     consecutive_failures integer not null,
     suspended_at integer,
     suspended_reason text
   );
CREATE TABLE windows (
     start integer not null,
     source text not null,
     rows integer not null,
     features text not null,
     answers text not null,
     usage text not null,
     revision integer not null,
     pushed integer not null default 0,
     primary key (start, source)
   );
CREATE TABLE watermarks (
     id integer primary key check (id = 1),
     main integer not null,
     challenger integer not null
   );
CREATE TABLE actuals (
     segment integer primary key,
     body text not null
   );
CREATE TABLE archives (
     first_segment integer primary key,
     last_segment integer not null,
     key text not null,
     rows integer not null
   );
INSERT INTO "migrations" ("step") VALUES (0);
INSERT INTO "migrations" ("step") VALUES (1);
INSERT INTO "migrations" ("step") VALUES (2);
INSERT INTO "migrations" ("step") VALUES (3);
INSERT INTO "migrations" ("step") VALUES (4);
INSERT INTO "migrations" ("step") VALUES (5);
INSERT INTO "migrations" ("step") VALUES (6);
INSERT INTO "migrations" ("step") VALUES (7);
INSERT INTO "migrations" ("step") VALUES (8);
INSERT INTO "segments" ("id", "at", "source", "rows", "body", "numbers") VALUES (2, 1795176000000, 'online', 1, '{"n":1,"calls":1,"texts":[["pro"]],"latency":[0],"main":{"count":1,"predictions":[6],"probabilities":null,"classLabels":null,"extra":{"plan_seen":["pro"]}}}', X'0000000000000840');
INSERT INTO "segments" ("id", "at", "source", "rows", "body", "numbers") VALUES (3, 1795176000000, 'online', 2, '{"n":2,"calls":1,"texts":[["pro","pro"]],"latency":[0,0],"main":{"count":2,"predictions":[4,18],"probabilities":null,"classLabels":null,"extra":{"plan_seen":["pro","pro"]}}}', X'00000000000000400000000000002240');
INSERT INTO "segments" ("id", "at", "source", "rows", "body", "numbers") VALUES (4, 1795176000000, 'online', 1, '{"n":1,"calls":1,"texts":[["basic"]],"latency":[0],"main":{"count":1,"predictions":[6],"probabilities":null,"classLabels":null,"extra":{"plan_seen":["basic"]}}}', X'0000000000000840');
INSERT INTO "segments" ("id", "at", "source", "rows", "body", "numbers") VALUES (5, 1795176000000, 'online', 1, '{"n":1,"calls":1,"texts":[["pro"]],"latency":[0],"main":{"count":1,"predictions":[2],"probabilities":null,"classLabels":null,"extra":{"plan_seen":["pro"]}}}', X'000000000000F03F');
INSERT INTO "challenger_outputs" ("first_segment", "last_segment", "state", "body", "attempts") VALUES (1, 1, 'done', '[{"segment":1,"states":["ok","ok"],"reasons":[null,null],"predictions":[2,4],"probabilities":null,"classLabels":null,"extra":{}}]', 1);
INSERT INTO "challenger_outputs" ("first_segment", "last_segment", "state", "body", "attempts") VALUES (2, 3, 'done', '[{"segment":2,"states":["ok"],"reasons":[null],"predictions":[100],"probabilities":null,"classLabels":null,"extra":{}},{"segment":3,"states":["error","error"],"reasons":["indices element out of data bounds, idx=9 must be within the inclusive range [-4,3] (in a node of kind Gather)","indices element out of data bounds, idx=9 must be within the inclusive range [-4,3] (in a node of kind Gather)"],"predictions":[null,null],"probabilities":null,"classLabels":null,"extra":{}}]', 1);
INSERT INTO "challenger_outputs" ("first_segment", "last_segment", "state", "body", "attempts") VALUES (4, 4, 'done', '[{"segment":4,"states":["ok"],"reasons":[null],"predictions":[100],"probabilities":null,"classLabels":null,"extra":{}}]', 1);
INSERT INTO "challenger_outputs" ("first_segment", "last_segment", "state", "body", "attempts") VALUES (5, 5, 'done', '[{"segment":5,"states":["ok"],"reasons":[null],"predictions":[2],"probabilities":null,"classLabels":null,"extra":{}}]', 1);
INSERT INTO "challenger_health" ("id", "consecutive_failures", "suspended_at", "suspended_reason") VALUES (1, 0, NULL, NULL);
INSERT INTO "windows" ("start", "source", "rows", "features", "answers", "usage", "revision", "pushed") VALUES (1795176000000, 'online', 5, '{"amount":[-3,1,-1,6,-3,1,1,2,-1,1,1,2],"plan":[-8,1,4]}', '{"main:mdl_b2989ttwm8xaap8xbjv2":[-3,1,-1,12,-3,1,1,2,-2,1,-1,1,-1,2],"challenger:mdl_kv3jmgntrxbftsa4yk4s":[-9,1,-1,2,1,-19,2],"shadow:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[-3,2,-1,188,-3,1,-4,1,-4],"pair:mdl_b2989ttwm8xaap8xbjv2:mdl_kv3jmgntrxbftsa4yk4s":[3,2,-1,3,1,3,188,-1]}', '{"main":[4,-1,5,-1,1,16777216,1],"challenger":[3,2,3,-1,3,50331648,3],"latency":[4,-64]}', 6, 4);
INSERT INTO "watermarks" ("id", "main", "challenger") VALUES (1, 5, 5);
INSERT INTO "actuals" ("segment", "body") VALUES (2, '{"0":[5,1795176000000,0]}');
INSERT INTO "archives" ("first_segment", "last_segment", "key", "rows") VALUES (1, 1, 'records/dep_npwpbjea96az29wx3kf2/1/local0/000000000001-000000000001.ndjson', 2);
