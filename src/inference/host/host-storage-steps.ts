import type { StorageStep } from "../../lib/storage-steps.ts";

/** The storage of a DeploymentHost. Append-only: a new step goes to the end, whichever table it is about. */
export const HOST_STORAGE_STEPS: readonly StorageStep[] = [
  {
    id: "create-segments",
    sql: `create table segments (
     id integer primary key,
     at integer not null,
     source text not null,
     rows integer not null,
     body text not null
   )`,
  },
  {
    id: "create-challenger-outputs",
    sql: `create table challenger_outputs (
     first_segment integer primary key,
     last_segment integer not null,
     state text not null check (state in ('attempt', 'done')),
     body text
   )`,
  },
  {
    id: "create-challenger-health",
    sql: `create table challenger_health (
     id integer primary key check (id = 1),
     consecutive_failures integer not null,
     suspended_at integer,
     suspended_reason text
   )`,
  },
  {
    id: "count-challenger-attempts",
    sql: "alter table challenger_outputs add column attempts integer not null default 1",
  },
  {
    // Null: written before there was this column; the numbers are in the body.
    id: "keep-numbers-apart",
    sql: "alter table segments add column numbers blob",
  },
  {
    id: "create-windows",
    sql: `create table windows (
     start integer not null,
     source text not null,
     rows integer not null,
     features text not null,
     answers text not null,
     usage text not null,
     revision integer not null,
     pushed integer not null default 0,
     primary key (start, source)
   )`,
  },
  {
    id: "create-watermarks",
    sql: `create table watermarks (
     id integer primary key check (id = 1),
     main integer not null,
     challenger integer not null
   )`,
  },
  {
    id: "create-actuals",
    sql: `create table actuals (
     segment integer primary key,
     body text not null
   )`,
  },
  {
    id: "create-archives",
    sql: `create table archives (
     first_segment integer primary key,
     last_segment integer not null,
     key text not null,
     rows integer not null
   )`,
  },
];
