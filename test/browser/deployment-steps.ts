import { expect } from "vitest";
import { Client } from "../node/client.ts";
import type { Journey, Steps } from "./journey.ts";
import { WORDS } from "./words.ts";

const { buttons, fields, links, sections, states, tabs } = WORDS;

/** From two models to a deployment that is called, watched, switched and rolled back. */
export const deploymentSteps: Steps = {
  "deploys it with the other one as challenger": async ({
    visitor,
    case: { experiment, main, challenger, typePolicy },
  }) => {
    await visitor.visit(sections.deployments);
    await visitor.follow(links.deployFirst);
    await visitor.choose(fields.experiment, experiment);
    if (!visitor.javaScript) await visitor.press(buttons.showModels);
    await visitor.choose(fields.mainModel, main.name);
    await visitor.choose(fields.challenger, challenger.name);
    await visitor.fill({ [fields.name]: experiment });
    await visitor.main.getByRole("radio", { name: typePolicy }).check();
    await visitor.press(links.deploy);
    await visitor.await(visitor.main.getByText(states.deployed, { exact: true }));
  },

  "predicts on the form": async ({ visitor }) => {
    await visitor.follow(links.form);
    await visitor.follow(links.example);
    const answer = visitor.main.getByText(states.answered);
    if (visitor.javaScript) await visitor.main.getByRole("button", { name: buttons.predict }).click();
    else await visitor.press(buttons.predict);
    await visitor.await(answer);
    await visitor.follow(links.apiOfForm, visitor.page.getByRole("contentinfo"));
  },

  "makes an API key, and copies it": async (journey) => {
    const { visitor } = journey;
    await openDeployment(journey);
    await visitor.fill({ [fields.name]: "Weather station" });
    await visitor.press(buttons.generateKey);
    const key = visitor.field(fields.apiKey);
    journey.apiKey = await key.inputValue();
    if (visitor.javaScript) {
      await visitor.main.getByRole("button", { name: "Copy" }).first().click();
      await expect(visitor.page.evaluate("navigator.clipboard.readText()")).resolves.toBe(journey.apiKey);
    }
  },

  "has a program call it with the key, and send what turned out to be true": async (journey) => {
    const {
      url,
      apiKey,
      case: { calls },
    } = journey;
    const program = new Client(url, apiKey);
    const path = new URL(await addressOf(journey)).pathname;
    const rows = calls.map(({ features }) => features);
    const { predictions } = await program.call("POST", path, { rows }, 200);
    if (!Array.isArray(predictions)) throw new Error("no predictions came back");
    expect(predictions).toHaveLength(calls.length);
    const items = predictions.map(({ prediction_id }, index) => ({ prediction_id, actual: calls[index]?.actual }));
    await expect(program.call("POST", path.replace("predict", "actuals"), { items }, 200)).resolves.toMatchObject({
      accepted: calls.length,
    });
  },

  "finds each answer, and what the challenger would have said": async ({ visitor, case: { main, challenger } }) => {
    await visitor.openTab(tabs.predictions);
    const rows = visitor.main.getByRole("table", { name: /^Recorded predictions/ }).getByRole("row");
    await visitor.await(rows.nth(2));
    await visitor.go(() => rows.nth(1).getByRole("link").first().click());
    await visitor.await(visitor.main.getByText(challenger.name));
    await expect(visitor.main.getByText(main.name).count()).resolves.toBeGreaterThan(0);
  },

  "sees the drift, the comparison and the metrics": async ({ visitor }) => {
    await visitor.openTab(tabs.monitoring);
    await visitor.await(visitor.main.getByText(states.drift, { exact: true }).nth(1));
    const features = visitor.main.getByRole("table", { name: /^Drift of predictions/ });
    const feature = features
      .getByRole("rowheader")
      .filter({ hasNotText: /(Predictions|Probability) of/ })
      .getByRole("link")
      .first();
    const name = await feature.textContent();
    if (visitor.javaScript) await feature.click();
    else await visitor.go(() => feature.click());
    await visitor.await(visitor.main.getByRole("heading", { name: name ?? "", exact: true, level: 2 }));
    for (const view of [links.comparison, links.performance, links.alerts]) await visitor.follow(view);
    await visitor.openTab(tabs.usage);
  },

  "looks at what a new version would change, and switches to it": async ({ visitor, case: { main, challenger } }) => {
    await visitor.openTab(tabs.versions);
    await visitor.follow(links.promote);
    await visitor.openTab(tabs.versions);
    await visitor.follow(links.newVersion);
    await visitor.choose(fields.mainModel, challenger.name);
    await visitor.choose(fields.challenger, main.name);
    await visitor.fill({ [fields.note]: "The challenger is better" });
    await visitor.press(buttons.preview);
    await visitor.press(buttons.switch);
    await expect(visitor.main.getByRole("row", { name: /^2 Current/ }).count()).resolves.toBe(1);
  },

  "rolls back": async ({ visitor }) => {
    await visitor.follow(/^Roll back to version 1/);
    await visitor.press(buttons.rollBack);
    await expect(visitor.main.getByRole("row", { name: /^1 Current/ }).count()).resolves.toBe(1);
  },
};

/** By the lists of projects and of deployments, as somebody who comes back the next day. */
async function openDeployment({ visitor, case: { project, experiment } }: Journey): Promise<void> {
  await visitor.open("/projects");
  await visitor.follow(project);
  await visitor.follow(experiment);
}

/** Where programs call the deployment, as its page says it. */
async function addressOf({ visitor }: Journey): Promise<string> {
  return visitor.field("Address").inputValue();
}
