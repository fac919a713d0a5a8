import { requireDeployment } from "../deployments/find-deployment.ts";
import { newId } from "../lib/id.ts";
import type { VerbContext } from "../verb-context.ts";
import { alertMessage } from "./alert-message.ts";
import { deliver } from "./deliver.ts";
import { requireAlert } from "./queries.ts";
import type { Delivered } from "./send-message.ts";

/** Sends a test message at once, for contributors, and says what became of it. It is tried once and changes nothing. */
export async function testAlert(
  { env, db, caller, nowMs }: VerbContext,
  input: { deployment: string; alert: string },
): Promise<Delivered> {
  const deployment = await requireDeployment(db, caller, input.deployment, "change");
  const alert = await requireAlert(db, deployment.id, input.alert);
  const found = { value: null, detail: "This is a test message." };
  return deliver(env, alert, newId("dlv"), alertMessage("test", alert, deployment, found, nowMs), nowMs);
}
