import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BuiltInstance } from "../node/built-instance.ts";
import { temporaryDir } from "../node/tiltyard-process.ts";
import { type Case, flightsCase, weatherCase } from "./cases.ts";
import { CAN_BROWSE, IF_SKIPPED, launchChromium } from "./chromium.ts";
import { deploymentSteps } from "./deployment-steps.ts";
import type { Look } from "./inspect-page.ts";
import type { Journey } from "./journey.ts";
import { lastSteps } from "./last-steps.ts";
import { modelSteps } from "./model-steps.ts";
import { pipelineSteps } from "./pipeline-steps.ts";
import { Visitor } from "./visitor.ts";

const STEPS = { ...modelSteps, ...deploymentSteps, ...pipelineSteps, ...lastSteps };

const DESK_BY_DAY: Look = { width: 1280, colorScheme: "light" };
const DESK_BY_NIGHT: Look = { width: 1280, colorScheme: "dark" };
const PHONE_BY_DAY: Look = { width: 360, colorScheme: "light" };
const PHONE_BY_NIGHT: Look = { width: 360, colorScheme: "dark" };

const IS_THOROUGH = process.env["THOROUGH"] === "1";

interface Way {
  title: string;
  javaScript: boolean;
  /** In the short run each of the four looks belongs to one of the two ways. */
  looks: [Look, ...Look[]];
  load: () => Promise<Case>;
}

const WAYS: Way[] = [
  { title: "with JavaScript", javaScript: true, looks: [DESK_BY_DAY, PHONE_BY_NIGHT], load: weatherCase },
  { title: "without JavaScript", javaScript: false, looks: [PHONE_BY_DAY, DESK_BY_NIGHT], load: flightsCase },
];

describe.skipIf(!CAN_BROWSE)(`a person at a browser${IF_SKIPPED}`, () => {
  let browser: Browser;
  let dir: Awaited<ReturnType<typeof temporaryDir>>;

  beforeAll(async () => {
    dir = await temporaryDir();
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await dir?.remove();
  });

  describe.each(WAYS)("$title", ({ javaScript, looks, load }) => {
    let instance: BuiltInstance;
    let journey: Journey;
    let broken = false;

    beforeAll(async () => {
      instance = await BuiltInstance.start(join(dir.path, javaScript ? "with" : "without"));
      const all: [Look, ...Look[]] = [DESK_BY_DAY, PHONE_BY_NIGHT, DESK_BY_NIGHT, PHONE_BY_DAY];
      const visitor = await Visitor.arrive(browser, {
        url: instance.url,
        javaScript,
        looks: IS_THOROUGH ? all : looks,
        isThorough: IS_THOROUGH,
      });
      const { url, setupToken } = instance;
      journey = { visitor, case: await load(), url, setupToken, apiKey: "" };
    });

    afterAll(async () => {
      await journey?.visitor.leave();
      await instance?.kill();
    });

    for (const [sentence, walk] of Object.entries(STEPS))
      it(sentence, async ({ skip }) => {
        skip(broken, "an earlier step failed");
        broken = true;
        await walk(journey).catch(async (error: unknown) => {
          throw new Error(`It ended at ${await journey.visitor.whereabouts()}`, { cause: error });
        });
        broken = false;
        expect(journey.visitor.takeFaults()).toEqual([]);
      });
  });
});
