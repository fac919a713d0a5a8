import { expect } from "vitest";
import type { Steps } from "./journey.ts";
import { WORDS } from "./words.ts";

const { buttons, fields, links, sections } = WORDS;

/** What else there is to see, and the end of everything. */
export const lastSteps: Steps = {
  "reads the audit log, the account, the users and the API": async ({ visitor }) => {
    await visitor.visit(sections.audit);
    await expect(visitor.main.getByRole("row").count()).resolves.toBeGreaterThan(10);
    for (const path of ["/account", "/users", "/audit"]) await visitor.open(path);
  },

  "deletes the deployment": async ({ visitor, case: { project, experiment } }) => {
    await visitor.open("/projects");
    await visitor.follow(project);
    await visitor.follow(experiment);
    const form = new URL((await visitor.main.getByRole("link", { name: links.form }).getAttribute("href")) ?? "");
    await visitor.confirm(links.delete, experiment, buttons.deleteDeployment);
    expect((await fetch(form)).status).toBe(404);
  },

  "deletes the experiment": async ({ visitor, case: { experiment } }) => {
    await visitor.visit(sections.experiments);
    await visitor.follow(experiment);
    await visitor.confirm(links.delete, experiment, buttons.deleteExperiment);
  },

  "deletes the project": async ({ visitor, case: { project } }) => {
    await visitor.visit(sections.settings);
    await visitor.confirm(/^Delete/, project, buttons.deleteProject);
    await expect(visitor.main.getByRole("link", { name: project }).count()).resolves.toBe(0);
    await expect(visitor.field(fields.name).count()).resolves.toBe(1);
  },
};
