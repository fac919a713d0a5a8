import { z } from "zod";
import { listJson, listQuery, listSchema } from "../list-cursor.ts";
import { database } from "../db.ts";
import { endpoint } from "../endpoint.ts";
import { pageRequest } from "../http.ts";
import { iso } from "../lib/time.ts";
import { verbContext } from "../verb-context.ts";
import { removeMember, setMember } from "./change-members.ts";
import { roleSchema } from "./project-json.ts";
import { listMembers, type Member, requireProject } from "./queries.ts";

const memberSchema = z.object({
  user: z.object({ id: z.string(), email: z.string(), name: z.string(), active: z.boolean() }),
  role: roleSchema,
  created_at: z.string(),
});

function memberJson({ user, role, createdAt }: Member): z.infer<typeof memberSchema> {
  const { id, email, name, isActive: active } = user;
  return { user: { id, email, name, active }, role, created_at: iso(createdAt) };
}

const memberParams = z.object({
  project: z.string().describe("Id or slug"),
  user: z.string().describe("Id or email"),
});

export const listMembersEndpoint = endpoint(
  {
    tag: "Projects",
    summary: "List the members of a project",
    params: memberParams.pick({ project: true }),
    query: listQuery,
    isPaged: true,
    responses: { 200: { description: "Newest first", schema: listSchema(memberSchema) } },
  },
  async (c, { params }) =>
    c.json(listJson(await listMembers(database(c.env), c.var.caller, params.project, pageRequest(c)), memberJson)),
);

export const setMemberEndpoint = endpoint(
  {
    tag: "Projects",
    summary: "Add a member to a project, or change their role (project admin)",
    description: "A project keeps at least one active admin: 409 for a change that would remove the last one.",
    params: memberParams,
    body: z.object({ role: roleSchema }),
    responses: { 200: { description: "The member", schema: memberSchema } },
  },
  async (c, { params, body }) => {
    const { id } = await requireProject(database(c.env), c.var.caller, params.project, "manage");
    const member = await setMember(verbContext(c), { project: id, user: params.user, role: body.role });
    return c.json(memberJson(member));
  },
);

export const removeMemberEndpoint = endpoint(
  {
    tag: "Projects",
    summary: "Remove a member from a project (project admin)",
    description: "A project keeps at least one admin: 409 for the last one.",
    params: memberParams,
    responses: { 204: { description: "The user is not a member any longer" } },
  },
  async (c, { params }) => {
    await removeMember(verbContext(c), params);
    return c.body(null, 204);
  },
);
