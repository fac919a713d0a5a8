import { Hono } from "hono";
import type { AppEnv } from "../http.ts";
import { deletePages } from "./delete-pages.tsx";
import { generalPages } from "./general-pages.tsx";
import { keyPages } from "./key-pages.tsx";
import { listPages } from "./list-pages.tsx";
import { newPages } from "./new-pages.tsx";
import { recordPages } from "./record-pages.tsx";
import { switchPages } from "./switch-pages.tsx";
import { versionPages } from "./version-pages.tsx";

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
