import { deploymentRoutes } from "./deployment-routes.ts";
import type { Need } from "./expectations.ts";
import { instanceRoutes } from "./instance-routes.ts";
import { pipelineRoutes } from "./pipeline-routes.ts";
import { projectRoutes } from "./project-routes.ts";
import type { Payload } from "./request.ts";
import type { Credential, Ids, World } from "./world.ts";

/**
 * What the callers whom a route lets send, where that must not be what is sent by the others: another object, or a body that does no
 * harm.
 */
export interface Harmless {
  payload?: Payload;
  ids?: Partial<Ids>;
}

/** A route and what is sent to it. */
export interface Row {
  /** Of what the callers get whom it lets. */
  status: number | number[];
  /** It would succeed if the caller might. */
  sends?: (world: World) => Payload;
  /** For the callers whom the route lets, where `sends` would do harm or succeeds but once. */
  harmless?: (world: World, credential: Credential) => Promise<Harmless> | Harmless;
}

/** Rows by `METHOD /path` as the router has it. */
export type Rows = Partial<Record<Need, Record<string, Row>>>;

export interface Route extends Row {
  name: string;
  method: string;
  pattern: string;
  need: Need;
}

/** Every route of the app, with what it needs. */
export const ROUTES: Route[] = [instanceRoutes, projectRoutes, deploymentRoutes, pipelineRoutes].flatMap((rows) =>
  Object.entries(rows).flatMap(([need, table]) =>
    Object.entries(table).map(([name, row]) => {
      const [method = "", pattern = ""] = name.split(" ");
      return { ...row, name, method, pattern, need: need as Need };
    }),
  ),
);
