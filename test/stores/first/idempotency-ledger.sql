CREATE TABLE calls (
      key text primary key, body_hash text not null, begun_at integer not null, settled_at integer
    );
CREATE TABLE answers (
      key text not null, part integer not null, body text not null, primary key (key, part)
    ) without rowid;
INSERT INTO "calls" ("key", "body_hash", "begun_at", "settled_at") VALUES ('order-1', '44221ecbcbe8dc09b20a1f418329fb5065df81b4b06f8c62f649416c9938db4d', 1795176000000, 1795176000000);
INSERT INTO "calls" ("key", "body_hash", "begun_at", "settled_at") VALUES ('order-2', 'hash of a body', 1795176000000, NULL);
INSERT INTO "answers" ("key", "part", "body") VALUES ('order-1', 0, '{"prediction_id":"pnpwpbjea96az29wx3kf2-1-local0-4-0","prediction":6,"probabilities":null,"extra":{"plan_seen":"basic"},"version":1,"model":{"id":"mdl_b2989ttwm8xaap8xbjv2","name":"main"},"warnings":[]}');
