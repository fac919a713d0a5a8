import { expect } from "vitest";
import { type Journey, PERSON, type Steps } from "./journey.ts";
import { WORDS } from "./words.ts";

const { buttons, fields, links, sections, states } = WORDS;

/** From an empty instance to two models that are ready. */
export const modelSteps: Steps = {
  "sets up the instance with the token": async ({ visitor, setupToken }) => {
    await visitor.open("/");
    await visitor.open("/setup");
    await visitor.fill({
      [fields.setupToken]: setupToken,
      [fields.yourName]: PERSON.name,
      [fields.email]: PERSON.email,
      [fields.password]: PERSON.password,
    });
    await visitor.press(buttons.createUser);
    expect(new URL(visitor.page.url()).pathname).toBe("/projects");
  },

  "signs out, is told of a wrong password, and signs in again": async ({ visitor }) => {
    const { page } = visitor;
    if (visitor.isNarrow) await visitor.openMenu();
    await page.getByRole("button", { name: PERSON.name }).click();
    await visitor.inspectLook();
    await visitor.press(buttons.signOut, page.getByRole("group", { name: "Account" }));
    await visitor.open("/sign-in");
    await visitor.fill({ [fields.email]: PERSON.email, [fields.password]: "another password" });
    await visitor.pressRefused(buttons.signIn, 401);
    await visitor.fill({ [fields.email]: PERSON.email, [fields.password]: PERSON.password });
    await visitor.press(buttons.signIn);
    expect(new URL(page.url()).pathname).toBe("/projects");
  },

  "makes a project, whose pages say what would be there": async ({ visitor, case: { project } }) => {
    await visitor.fill({ [fields.name]: project });
    await visitor.press(buttons.createProject);
    for (const section of Object.values(sections)) await visitor.visit(section);
  },

  "makes two experiments": async (journey) => {
    const { experiment, task, target } = journey.case;
    await makeExperiment(journey, { name: "Draft", task, target: "" });
    await makeExperiment(journey, { name: experiment, task, target });
  },

  "uploads training data and a holdout": async ({ visitor, case: { training, holdout } }) => {
    await visitor.follow(links.addVersion);
    await visitor.upload(fields.training, "training.csv", training);
    await visitor.upload(fields.holdout, "holdout.csv", holdout);
    await visitor.press(links.addVersion);
    const columns = visitor.main.getByRole("table").first();
    await expect(columns.count()).resolves.toBe(1);
  },

  "uploads a model and sees that it works": async (journey) => {
    await uploadModel(journey, journey.case.main);
  },

  "uploads another one": async (journey) => {
    await journey.visitor.page.goBack();
    await journey.visitor.page.goBack();
    await uploadModel(journey, journey.case.challenger);
  },
};

async function makeExperiment(
  { visitor }: Journey,
  { name, task, target }: Record<"name" | "task" | "target", string>,
) {
  await visitor.visit(sections.experiments);
  await visitor.follow(links.newExperiment);
  await visitor.fill({ [fields.name]: name, [fields.target]: target });
  await visitor.main.getByRole("radio", { name: task }).check();
  await visitor.press(buttons.createExperiment);
}

async function uploadModel({ visitor, case: { mapping } }: Journey, { name, file }: { name: string; file: Buffer }) {
  await visitor.follow(links.uploadModel);
  await visitor.upload(fields.onnxFile, `${name}.onnx`, file);
  await visitor.fill({ [fields.name]: name, [fields.mapping]: mapping });
  await visitor.press(links.uploadModel);
  await visitor.await(visitor.main.getByText(states.succeeded, { exact: true }));
  await expect(visitor.page.getByRole("heading", { level: 1 }).textContent()).resolves.toBe(name);
}
