import { Hono } from "hono";
import { authorize } from "../../../access/authorize.ts";
import { readForm } from "../../page-form.ts";
import type { AppEnv } from "../../../http.ts";
import { Card } from "../../../ui/card.tsx";
import { ConfirmForm } from "../../../ui/confirm.tsx";
import { AppShell } from "../../../ui/layout.tsx";
import { verbContext } from "../../../verb-context.ts";
import { DeletionNotice } from "../deletion-notice.tsx";
import { crumbsToList, deploymentPath, type DeploymentView, deploymentView } from "../deployment-shell.tsx";
import { targetOf } from "../../../deployments/find-deployment.ts";
import { deleteDeployment, purgeDeployment } from "../../../deployments/remove-deployment.ts";

/** /deployments/{deployment}/delete: asks for the name, then deletes. */
export const deletePages = new Hono<AppEnv>();

deletePages.get("/deployments/:deployment/delete", async (c) => {
  const view = await deploymentView(c);
  authorize(c.var.caller, "delete", targetOf(view.deployment));
  return c.html(<DeletePage view={view} />);
});

deletePages.post("/deployments/:deployment/delete", async (c) => {
  const view = await deploymentView(c);
  const { deployment, project } = view;
  authorize(c.var.caller, "delete", targetOf(deployment));
  const { confirm = "" } = await readForm(c);
  if (confirm.trim() !== deployment.name) {
    return c.html(<DeletePage view={view} error="The name does not match. Type it exactly as shown." />, 422);
  }
  const ctx = verbContext(c);
  await deleteDeployment(ctx, { deployment: deployment.id });
  c.executionCtx.waitUntil(purgeDeployment(c.env, ctx.db, deployment.id, ctx.nowMs));
  return c.redirect(`/projects/${project.slug}/deployments`, 303);
});

function DeletePage({ view: { frame, deployment, project }, error }: { view: DeploymentView; error?: string }) {
  const path = deploymentPath(deployment);
  return (
    <AppShell
      title={`Delete ${deployment.name}`}
      frame={frame}
      section="deployments"
      breadcrumb={[...crumbsToList(project), { label: deployment.name, href: path }, { label: "Delete" }]}
    >
      <div class="measure">
        <Card title={`Delete ${deployment.name}?`} tone="danger" headingLevel={1}>
          <ConfirmForm
            action={`${path}/delete`}
            name={deployment.name}
            verb="Delete deployment"
            cancelHref={path}
            error={error}
          >
            <DeletionNotice />
          </ConfirmForm>
        </Card>
      </div>
    </AppShell>
  );
}
