CREATE TABLE actuals (
     segment integer primary key,
     body text not null
   );
INSERT INTO "actuals" ("segment", "body") VALUES (1, '{"1":[6,1795176000000,0]}');
