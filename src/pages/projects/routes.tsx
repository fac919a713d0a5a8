import { DescriptionField, NameField } from "../name-fields.tsx";
import { Hono } from "hono";
import { requireUser } from "../../access/authorize.ts";
import { readForm, type Refusal, refusalOf } from "../page-form.ts";
import { LIMITS } from "../../config.ts";
import { database } from "../../db.ts";
import { parseInput } from "../../endpoint.ts";
import type { AppContext, AppEnv } from "../../http.ts";
import { SubmitButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Form, FormActions, FormErrors } from "../../ui/form-layout.tsx";
import { AppShell, type Frame } from "../../ui/layout.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Table } from "../../ui/table.tsx";
import { Timestamp } from "../../ui/time.tsx";
import { createProject, projectInput } from "../../projects/create-project.ts";
import { verbContext } from "../../verb-context.ts";
import { pageFrame } from "../page-frame.ts";
import type { Project } from "../../projects/project-json.ts";
import { listProjects, requireProject } from "../../projects/queries.ts";
import { roleLabel } from "../members/role-words.ts";

/** /projects: the list of projects, with a form for a new one. */
export const projectPages = new Hono<AppEnv>();

projectPages.get("/projects", async (c) => c.html(<ProjectsPage {...await projectsView(c)} />));

projectPages.post("/projects", async (c) => {
  requireUser(c.var.caller);
  const fields = await readForm(c);
  try {
    const { slug } = await createProject(verbContext(c), parseInput(projectInput, fields));
    return c.redirect(`/projects/${slug}`, 303);
  } catch (error) {
    const refusal = refusalOf(c, error);
    return c.html(<ProjectsPage {...await projectsView(c)} fields={fields} refusal={refusal} />, refusal.status);
  }
});

projectPages.get("/projects/:project", async (c) => {
  const { slug } = await requireProject(database(c.env), c.var.caller, c.req.param("project"), "read");
  return c.redirect(`/projects/${slug}/deployments`, 303);
});

interface ProjectsView {
  frame: Frame;
  projects: Project[];
}

async function projectsView(c: AppContext): Promise<ProjectsView> {
  const caller = requireUser(c.var.caller);
  const db = database(c.env);
  const [frame, { items }] = await Promise.all([
    pageFrame(db, caller),
    listProjects(db, caller, { limit: LIMITS.listItemsMax, cursor: null }),
  ]);
  return { frame, projects: items };
}

type ProjectsPageProps = ProjectsView & { fields?: Partial<Record<string, string>>; refusal?: Refusal };

function ProjectsPage({ frame, projects, fields = {}, refusal }: ProjectsPageProps) {
  const errors = refusal?.errors ?? [];
  return (
    <AppShell title="Projects" frame={frame} breadcrumb={[{ label: "Projects" }]}>
      <PageHeader
        title="Projects"
        description="A project holds experiments, deployments and the people who work on them."
      />
      <Card flush>
        <ProjectTable projects={projects} />
      </Card>
      <Card title="New project">
        <Form action="/projects">
          <FormErrors errors={errors} />
          <NameField value={fields["name"]} errors={errors} />
          <DescriptionField value={fields["description"]} errors={errors} />
          <FormActions>
            <SubmitButton label="Create project" />
          </FormActions>
        </Form>
      </Card>
    </AppShell>
  );
}

function ProjectTable({ projects }: { projects: Project[] }) {
  return (
    <Table
      caption="Projects"
      rows={projects}
      columns={[
        {
          key: "name",
          header: "Name",
          primary: true,
          cell: (project) => <a href={`/projects/${project.slug}`}>{project.name}</a>,
        },
        { key: "description", header: "Description", cell: (project) => project.description },
        { key: "role", header: "Your role", cell: (project) => roleLabel(project.role), nowrap: true },
        {
          key: "created",
          header: "Created",
          cell: (project) => <Timestamp atMs={project.createdAt} precision="date" />,
        },
      ]}
      empty={<EmptyState title="No projects yet">Create one, or ask an admin of a project to add you.</EmptyState>}
    />
  );
}
