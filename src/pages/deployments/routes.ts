import { Hono } from "hono";
import type { AppEnv } from "../../http.ts";
import { deletePages } from "./delete/routes.tsx";
import { generalPages } from "./general/routes.tsx";
import { keyPages } from "./keys/routes.tsx";
import { listPages } from "./list/routes.tsx";
import { newPages } from "./new/routes.tsx";
import { recordPages } from "../records/routes.tsx";
import { switchPages } from "./switch/routes.tsx";
import { versionPages } from "./versions/routes.tsx";

/** /projects/{project}/deployments and /deployments/{deployment}: everything that a person sees of deployments. */
export const deploymentPages = new Hono<AppEnv>();

for (const pages of [
  listPages,
  newPages,
  generalPages,
  keyPages,
  deletePages,
  recordPages,
  versionPages,
  switchPages,
]) {
  deploymentPages.route("/", pages);
}
