import type { SQL } from "drizzle-orm";
import { newId } from "../lib/id.ts";

/** Who does something, as far as the audit log wants to know. Every Caller is one. */
export type Actor =
  | { kind: "user"; userId: string; email: string; via: "session" | "token"; address?: string | null }
  | { kind: "key"; keyId: string; address?: string | null }
  | { kind: "nobody"; address?: string | null }
  | { kind: "system" };

/** What happened. `before` and `after` hold what has changed and nothing else; never a secret, a hash or a token. */
export interface Change {
  /** null: of the instance. */
  projectId: string | null;
  /** `<object kind>.<verb>`, as in `deployment.create`. */
  action: `${string}.${string}`;
  /** `name` may be an expression, for what only the store knows, such as a number that it counts. */
  object: { kind: string; id: string; name: string | SQL | null };
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/** The fields of `after` that differ from `before`, on both sides. */
export function changedFields<T extends Record<string, unknown>>(
  before: T,
  after: Partial<T>,
): { before: Partial<T>; after: Partial<T> } {
  const names = (Object.keys(after) as (keyof T)[]).filter((name) => before[name] !== after[name]);
  const pick = (from: Partial<T>): Partial<T> =>
    Object.fromEntries(names.map((name) => [name, from[name]])) as Partial<T>;
  return { before: pick(before), after: pick(after) };
}

/** The row of an entry. */
export function entryOf(actor: Actor, change: Change, nowMs: number) {
  return {
    id: newId("aud"),
    at: nowMs,
    projectId: change.projectId,
    ...actorColumns(actor),
    action: change.action,
    objectKind: change.object.kind,
    objectId: change.object.id,
    objectName: change.object.name,
    before: change.before ? JSON.stringify(change.before) : null,
    after: change.after ? JSON.stringify(change.after) : null,
  };
}

function actorColumns(actor: Actor) {
  switch (actor.kind) {
    case "user": {
      const { userId, email, via, address } = actor;
      return { actorKind: "user", actorId: userId, actorName: email, via, address: address ?? null } as const;
    }
    case "key":
      return { actorKind: "key", actorId: actor.keyId, via: "key", address: actor.address ?? null } as const;
    case "nobody":
      return { actorKind: "nobody", address: actor.address ?? null } as const;
    case "system":
      return { actorKind: "system" } as const;
  }
}
