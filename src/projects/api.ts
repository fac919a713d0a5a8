import { z } from "zod";
import { requireUser } from "../access/authorize.ts";
import { listJson, listQuery, listSchema } from "../list-cursor.ts";
import { usersOnly } from "../access/users-only.ts";
import { database } from "../db.ts";
import { type Api, endpoint, verbInput } from "../endpoint.ts";
import { pageRequest } from "../http.ts";
import { verbContext } from "../verb-context.ts";
import { instanceAuditEndpoint, projectAuditEndpoint } from "./audit-api.ts";
import { createProject, projectInput } from "./create-project.ts";
import { deleteProject } from "./delete-project.ts";
import { listMembersEndpoint, removeMemberEndpoint, setMemberEndpoint } from "./members-api.ts";
import { projectJson, projectSchema } from "./project-json.ts";
import { listProjects, requireProject } from "./queries.ts";
import { meEndpoint, setupEndpoint } from "./setup-api.ts";
import { projectChanges, updateProject } from "./update-project.ts";

/** Mounts projects, their members and the audit log, and what answers with users and projects together: setup and /me. */
export function mountProjectsApi(api: Api): void {
  api.post("/api/v1/setup", setupEndpoint);
  api.get("/api/v1/me", meEndpoint);
  api.use("/api/v1/projects/*", usersOnly);
  api.post("/api/v1/projects", createProjectEndpoint);
  api.get("/api/v1/projects", listProjectsEndpoint);
  api.get("/api/v1/projects/:project", getProjectEndpoint);
  api.patch("/api/v1/projects/:project", updateProjectEndpoint);
  api.delete("/api/v1/projects/:project", deleteProjectEndpoint);
  api.get("/api/v1/projects/:project/audit", projectAuditEndpoint);
  api.use("/api/v1/audit", usersOnly);
  api.get("/api/v1/audit", instanceAuditEndpoint);
  api.get("/api/v1/projects/:project/members", listMembersEndpoint);
  api.put("/api/v1/projects/:project/members/:user", setMemberEndpoint);
  api.delete("/api/v1/projects/:project/members/:user", removeMemberEndpoint);
}

const projectParams = z.object({ project: z.string().describe("Id or slug") });

const createProjectEndpoint = endpoint(
  {
    tag: "Projects",
    summary: "Create a project",
    description: "You become its admin.",
    body: projectInput,
    responses: { 201: { description: "The project", schema: projectSchema } },
  },
  async (c, { body }) => {
    const project = await createProject(verbContext(c), body);
    return c.json(projectJson(project), 201);
  },
);

const listProjectsEndpoint = endpoint(
  {
    tag: "Projects",
    summary: "List your projects",
    description: "All projects for an admin of the instance.",
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Newest first", schema: listSchema(projectSchema) } },
  },
  async (c) => {
    const page = await listProjects(database(c.env), requireUser(c.var.caller), pageRequest(c));
    return c.json(listJson(page, projectJson));
  },
);

const getProjectEndpoint = endpoint(
  {
    tag: "Projects",
    summary: "Read a project",
    params: projectParams,
    responses: { 200: { description: "The project", schema: projectSchema } },
  },
  async (c, { params }) =>
    c.json(projectJson(await requireProject(database(c.env), c.var.caller, params.project, "read"))),
);

const updateProjectEndpoint = endpoint(
  {
    tag: "Projects",
    summary: "Change name or description of a project (project admin)",
    description: "The slug stays as it is.",
    params: projectParams,
    body: projectChanges,
    responses: { 200: { description: "The project", schema: projectSchema } },
  },
  async (c, { params, body }) => c.json(projectJson(await updateProject(verbContext(c), verbInput(params, body)))),
);

const deleteProjectEndpoint = endpoint(
  {
    tag: "Projects",
    summary: "Delete a project with everything in it (project admin)",
    description:
      "It stops answering at once. Its deployments with their records, its experiments with their files, and its " +
      "members are deleted in the background, within minutes. The audit log keeps its entries.",
    params: projectParams,
    responses: { 204: { description: "Gone" } },
  },
  async (c, { params }) => {
    await deleteProject(verbContext(c), params);
    return c.body(null, 204);
  },
);
