import { eq } from "drizzle-orm";
import { z } from "zod";
import { nameInput } from "../../access/account-input.ts";
import { auditedChange } from "../../audit/audited-change.ts";
import { allowsPrivateNetwork, sealingKey } from "../../config.ts";
import { parseInput } from "../../endpoint.ts";
import { AppError, invalid } from "../../errors.ts";
import { seal } from "../../lib/seal.ts";
import type { VerbContext } from "../../verb-context.ts";
import { connections } from "../schema.ts";
import { auditedConnectionChange } from "./audited-connection.ts";
import { connectionAddressProblem } from "./connection-address.ts";
import { CONNECTION_INPUTS } from "./connection-input.ts";
import { CONNECTION_FACTS } from "./connection-kinds.ts";
import { secretPlace } from "./open-connection.ts";
import { type ConnectionRow, requireConnection } from "./queries.ts";

const part = z.record(z.string(), z.unknown());

/** What of a connection is to change: what is absent stays, of the settings too. A secret replaces the one that is there. */
export const connectionChange = z.strictObject({
  name: nameInput.optional(),
  settings: part.optional().describe("Settings of the connection's kind; those left out stay unchanged"),
  secret: part.optional().describe("Replaces the stored secret"),
});

/**
 * Changes name, settings or secret of a connection, for contributors of its project: runs and retries use it from then on. 422 for
 * settings that its kind does not have, for an address that may not be called, and where a password would be sent elsewhere and is not
 * given again: who may not read it must not be able to have it sent to a server of their own. Nothing is called.
 */
export async function updateConnection(
  context: VerbContext,
  change: z.output<typeof connectionChange> & { connection: string },
): Promise<ConnectionRow> {
  const { env, db, caller } = context;
  const id = change.connection;
  const before = await requireConnection(db, caller, id, "change");
  const { name, settings, secret } = change;
  const input = CONNECTION_INPUTS[before.kind].shape;
  const wanted = parseInput(
    z.strictObject({ settings: input.settings.strict(), secret: input.secret.strict().optional() }),
    {
      settings: { ...before.settings, ...settings },
      secret,
    },
  );
  const after = { ...before, name: name ?? before.name, settings: wanted.settings };
  const isMoved = CONNECTION_FACTS[before.kind].secretGoesTo.some(
    (setting) => before.settings[setting] !== Reflect.get(wanted.settings, setting),
  );
  if (isMoved && !wanted.secret)
    throw invalid("secret", "The password would be sent to another address. Give it again.");
  const problem = connectionAddressProblem(after, allowsPrivateNetwork(env));
  if (problem) throw invalid(problem.path, problem.message);
  if (wanted.secret) after.sealedSecret = await seal(sealingKey(env), secretPlace(id), JSON.stringify(wanted.secret));
  const write = db
    .update(connections)
    .set({ name: after.name, settings: after.settings, sealedSecret: after.sealedSecret })
    .where(eq(connections.id, id))
    .returning();
  const entry = auditedConnectionChange(before, after);
  const [stored] = await (entry ? auditedChange(context, write, entry) : write);
  if (!stored) throw new AppError("not_found", "Connection not found, or you have no access to it.");
  return stored;
}
