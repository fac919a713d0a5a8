import { requireUser } from "../../access/authorize.ts";
import { auditedChange } from "../../audit/audited-change.ts";
import { allowsPrivateNetwork, sealingKey } from "../../config.ts";
import { invalid } from "../../errors.ts";
import { newId } from "../../lib/id.ts";
import { seal } from "../../lib/seal.ts";
import { requireProject } from "../../projects/queries.ts";
import type { VerbContext } from "../../verb-context.ts";
import { connections } from "../schema.ts";
import { auditedConnection } from "./audited-connection.ts";
import { connectionAddressProblem } from "./connection-address.ts";
import type { ConnectionInput } from "./connection-input.ts";
import { secretPlace } from "./open-connection.ts";
import type { ConnectionRow } from "./queries.ts";

/**
 * Makes a connection in a project, for its contributors. Its secret is sealed for its row and read back by nobody. 422 for an address
 * that may not be called. Nothing is called here: `testConnection` says whether it works.
 */
export async function createConnection(
  context: VerbContext,
  input: ConnectionInput & { project: string },
): Promise<ConnectionRow> {
  const { env, db, caller, nowMs } = context;
  const project = await requireProject(db, caller, input.project, "change");
  const user = requireUser(caller);
  const problem = connectionAddressProblem(input, allowsPrivateNetwork(env));
  if (problem) throw invalid(problem.path, problem.message);
  const id = newId("con");
  const row: ConnectionRow = {
    id,
    projectId: project.id,
    name: input.name,
    kind: input.kind,
    settings: input.settings,
    sealedSecret: await seal(sealingKey(env), secretPlace(id), JSON.stringify(input.secret)),
    createdBy: user.userId,
    createdAt: nowMs,
  };
  await auditedChange(context, db.insert(connections).values(row), auditedConnection(row, "create"));
  return row;
}
