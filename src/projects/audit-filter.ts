import { and, eq, gte, lt, or, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { auditEntries } from "../audit/schema.ts";
import { DAY_MS } from "../lib/time.ts";

const TEXT_LENGTH_MAX = 200;

/** Forms send the fields that were left empty too. */
const text = z
  .string()
  .trim()
  .max(TEXT_LENGTH_MAX, `At most ${TEXT_LENGTH_MAX} characters.`)
  .optional()
  .transform((value) => (value ? value : null));

const moment = (isEnd: boolean) =>
  z
    .union([z.literal(""), z.iso.date(), z.iso.datetime({ offset: true })], {
      error: "Give a date such as 2026-11-22, or a time such as 2026-11-22T10:00:00Z.",
    })
    .optional()
    .transform((value) => (value ? Date.parse(value) + (isEnd && !value.includes("T") ? DAY_MS : 0) : null));

/** Which entries of the audit log are wanted; what is absent or empty does not narrow it. */
export const auditFilterInput = z.object({
  from: moment(false).describe("From this time on; a date means its beginning in UTC"),
  to: moment(true).describe("Before this time; a date includes the whole day"),
  actor: text.describe("Id or email of a user, id of an API key, `system` or `nobody`"),
  action: text.describe("`member.set`, or `member` for all changes of members"),
  object: text.describe("Id of the object, or part of its name"),
});

export type AuditFilter = z.output<typeof auditFilterInput>;

/** The condition for the entries that a filter lets through. */
export function auditCondition({ from, to, actor, action, object }: AuditFilter): SQL | undefined {
  return and(
    from === null ? undefined : gte(auditEntries.at, from),
    to === null ? undefined : lt(auditEntries.at, to),
    actor === null ? undefined : isActor(actor),
    action === null ? undefined : isAction(action),
    object === null ? undefined : isObject(object),
  );
}

function isActor(actor: string): SQL | undefined {
  const isOfKind = sql`(${auditEntries.actorKind} in ('system', 'nobody') and ${auditEntries.actorKind} = ${actor})`;
  return or(eq(auditEntries.actorId, actor), eq(auditEntries.actorName, actor.toLowerCase()), isOfKind);
}

function isAction(action: string): SQL {
  return action.includes(".")
    ? eq(auditEntries.action, action)
    : sql`instr(${auditEntries.action}, ${`${action}.`}) = 1`;
}

function isObject(object: string): SQL | undefined {
  return or(eq(auditEntries.objectId, object), sql`instr(lower(${auditEntries.objectName}), lower(${object})) > 0`);
}
