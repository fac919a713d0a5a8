import { Hono } from "hono";
import { z } from "zod";
import { nameInput } from "../../../access/account-input.ts";
import { readForm, refusalOf } from "../../page-form.ts";
import { database } from "../../../db.ts";
import { parseInput } from "../../../endpoint.ts";
import type { AppEnv } from "../../../http.ts";
import { DAY_MS } from "../../../lib/time.ts";
import { addKey, removeKey } from "../../../deployments/deployment-keys.ts";
import { verbContext } from "../../../verb-context.ts";
import { deploymentPath } from "../deployment-shell.tsx";
import { requireDeployment } from "../../../deployments/find-deployment.ts";
import { GeneralPage } from "../general/page.tsx";
import { generalView } from "../general/view.ts";

/** The keys of a deployment: made and revoked from its General section. */
export const keyPages = new Hono<AppEnv>();

const DAYS_MAX = 3_650;
const WHOLE_DAYS = `Enter a whole number of days from 1 to ${DAYS_MAX}, or leave it empty.`;

const keyInput = z.object({
  name: nameInput,
  expires_in_days: z.coerce.number(WHOLE_DAYS).int(WHOLE_DAYS).min(1, WHOLE_DAYS).max(DAYS_MAX, WHOLE_DAYS).nullable(),
});

// Answered with the page itself and not with a redirect: the secret is nowhere to be read a second time.
keyPages.post("/deployments/:deployment/keys", async (c) => {
  const db = database(c.env);
  const deployment = await requireDeployment(db, c.var.caller, c.req.param("deployment"), "change");
  const { name = "", expires_in_days: days = "" } = await readForm(c);
  try {
    const input = parseInput(keyInput, { name, expires_in_days: days.trim() === "" ? null : days });
    const ctx = verbContext(c);
    const expiresAt = input.expires_in_days === null ? null : ctx.nowMs + input.expires_in_days * DAY_MS;
    const { secret } = await addKey(ctx, { deployment: deployment.id, name: input.name, expiresAt });
    return c.html(<GeneralPage view={await generalView(c)} secret={secret} />, 201);
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<GeneralPage view={await generalView(c)} keyForm={{ name, days, errors }} />, status);
  }
});

keyPages.post("/deployments/:deployment/keys/:key/revoke", async (c) => {
  const db = database(c.env);
  const deployment = await requireDeployment(db, c.var.caller, c.req.param("deployment"), "change");
  await removeKey(verbContext(c), { deployment: deployment.id, key: c.req.param("key") });
  return c.redirect(`${deploymentPath(deployment)}#keys`, 303);
});
