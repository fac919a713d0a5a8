import { Hono } from "hono";
import { z } from "zod";
import { emailInput } from "../../access/account-input.ts";
import { requireUser } from "../../access/authorize.ts";
import { readForm, refusalOf } from "../page-form.ts";
import { parseInput } from "../../endpoint.ts";
import { type AppContext, type AppEnv, pageRequest } from "../../http.ts";
import { Callout } from "../../ui/callout.tsx";
import { SubmitButton, ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Form, FormActions, FormErrors } from "../../ui/form-layout.tsx";
import { removeMember, setMember } from "../../projects/change-members.ts";
import { verbContext } from "../../verb-context.ts";
import { MembersPage, type MembersPageProps } from "./page.tsx";
import { roleSchema } from "../../projects/project-json.ts";
import { ProjectShell, type ProjectPageView, projectPageView } from "../project-shell.tsx";
import { listMembers, type Member, requireMember } from "../../projects/queries.ts";
import { roleLabel } from "./role-words.ts";

/** /projects/{project}/members: who works in a project, and as what. */
export const memberPages = new Hono<AppEnv>();

const PATH = "/projects/:project/members";

memberPages.get(PATH, async (c) => membersPage(c));

memberPages.post(PATH, async (c) => {
  const { project } = await projectPageView(c, "manage");
  const fields = await readForm(c);
  try {
    const { email, role } = parseInput(z.object({ email: emailInput, role: roleSchema }), fields);
    await setMember(verbContext(c), { project: project.id, user: email, role });
  } catch (error) {
    const { email = "", role = "" } = fields;
    return membersPage(c, { error, given: { email, role } });
  }
  return c.redirect(`/projects/${project.slug}/members`, 303);
});

memberPages.post(`${PATH}/:user`, async (c) => {
  const { project } = await projectPageView(c, "manage");
  const fields = await readForm(c);
  try {
    const { role } = parseInput(z.object({ role: roleSchema }), fields);
    await setMember(verbContext(c), { project: project.id, user: c.req.param("user"), role });
  } catch (error) {
    return membersPage(c, { error });
  }
  return c.redirect(afterwards(c, project.slug), 303);
});

memberPages.get(`${PATH}/:user/remove`, async (c) => {
  const view = await projectPageView(c, "manage");
  const member = await requireMember(view.db, c.var.caller, view.project.id, c.req.param("user"));
  return c.html(<RemovePage view={view} member={member} />);
});

memberPages.post(`${PATH}/:user/remove`, async (c) => {
  const view = await projectPageView(c, "manage");
  const member = await requireMember(view.db, c.var.caller, view.project.id, c.req.param("user"));
  try {
    await removeMember(verbContext(c), { project: view.project.id, user: member.id });
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<RemovePage view={view} member={member} errors={errors} />, status);
  }
  return c.redirect(afterwards(c, view.project.slug), 303);
});

/** Who changed their own role may not see the members any more. */
function afterwards(c: AppContext, slug: string): string {
  const user = requireUser(c.var.caller);
  const isOwn = c.req.param("user") === user.userId && user.instanceRole !== "admin";
  return isOwn ? "/projects" : `/projects/${slug}/members`;
}

async function membersPage(
  c: AppContext,
  refused?: { error: unknown; given?: MembersPageProps["given"] },
): Promise<Response> {
  const refusal = refused && refusalOf(c, refused.error);
  const view = await projectPageView(c, refused ? "manage" : "read");
  const page = refused ? { limit: 50, cursor: null } : pageRequest(c);
  const { items, nextCursor } = await listMembers(view.db, c.var.caller, view.project.id, page);
  const props: MembersPageProps = {
    view,
    members: items,
    nextCursor,
    isFirstPage: page.cursor === null,
    errors: refusal?.errors ?? [],
    given: refused?.given ?? { email: "", role: "viewer" },
  };
  return c.html(<MembersPage {...props} />, refusal?.status ?? 200);
}

interface RemovePageProps {
  view: ProjectPageView;
  member: Member;
  errors?: Parameters<typeof FormErrors>[0]["errors"];
}

function RemovePage({ view, member: { user, role }, errors = [] }: RemovePageProps) {
  const list = `/projects/${view.project.slug}/members`;
  const crumbs = [{ label: "Members", href: list }, { label: user.name }];
  return (
    <ProjectShell view={view} title={`Remove ${user.name}`} section="members" crumbs={crumbs}>
      <div class="measure">
        <Card title={`Remove ${user.name} from the project?`} headingLevel={1} tone="danger">
          <Form action={`${list}/${user.id}/remove`}>
            <FormErrors errors={errors} />
            <Callout level="warning">
              {user.name} ({user.email}) is {roleLabel(role).toLowerCase()} of {view.project.name} and will no longer
              see the project. What they created stays, and their API keys keep working.
            </Callout>
            <FormActions>
              <SubmitButton label="Remove member" variant="danger" />
              <ButtonLink href={list}>Cancel</ButtonLink>
            </FormActions>
          </Form>
        </Card>
      </div>
    </ProjectShell>
  );
}
