import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DemoResult, seedDemo } from "../../scripts/seed-demo.ts";
import { BuiltInstance } from "../node/built-instance.ts";
import { temporaryDir } from "../node/tiltyard-process.ts";
import { CAN_BROWSE, IF_SKIPPED, launchChromium } from "./chromium.ts";
import { Visitor } from "./visitor.ts";
import { WORDS } from "./words.ts";

const SCREENSHOTS = join(import.meta.dirname, "../../docs/screenshots");
const TAKES_SCREENSHOTS = process.env["SCREENSHOTS"] === "1";
/** Documents that show larger pictures load slowly, and so does the repository that holds them. */
const PICTURE_BYTES_MAX = 200_000;
const HEIGHT_MIN = 480;
const HEIGHT_MAX = 860;

const { buttons, links, tabs } = WORDS;

describe.skipIf(!CAN_BROWSE)(`the demo in a browser${IF_SKIPPED}`, () => {
  let browser: Browser;
  let dir: Awaited<ReturnType<typeof temporaryDir>>;
  let instance: BuiltInstance;
  let demo: DemoResult;
  let visitor: Visitor;

  beforeAll(async () => {
    dir = await temporaryDir();
    browser = await launchChromium();
    instance = await BuiltInstance.start(dir.path);
    demo = await seedDemo({ baseUrl: instance.url, setupToken: instance.setupToken, log: () => {} });
    visitor = await Visitor.arrive(browser, {
      url: instance.url,
      javaScript: true,
      looks: [
        { width: 360, colorScheme: "dark" },
        { width: 1280, colorScheme: "dark" },
        { width: 360, colorScheme: "light" },
        { width: 1280, colorScheme: "light" },
      ],
      isThorough: true,
    });
    await visitor.open("/sign-in");
    await visitor.fill({ [WORDS.fields.email]: demo.email, [WORDS.fields.password]: demo.password });
    await visitor.press(buttons.signIn);
  });

  afterAll(async () => {
    await visitor?.leave();
    await browser?.close();
    await instance?.kill();
    await dir?.remove();
  });

  /** How to get to what each picture shows, one after the other. */
  const pictures: Record<string, () => Promise<void>> = {
    deployments: () => visitor.open(`/projects/${demo.projectSlug}/deployments`),
    general: () => visitor.follow("Seattle weather"),
    drift: () => visitor.openTab(tabs.monitoring),
    predictions: async () => {
      await visitor.openTab(tabs.predictions);
      await visitor.follow(links.disagreements);
    },
    record: () => visitor.go(() => visitor.main.getByRole("rowheader").getByRole("link").first().click()),
    form: async () => {
      await visitor.open(new URL(demo.formUrl).pathname);
      await visitor.follow(links.example);
      await visitor.main.getByRole("button", { name: buttons.predict }).click();
      await visitor.await(visitor.main.getByText(WORDS.states.answered));
    },
    run: async () => {
      await visitor.open(`/projects/${demo.projectSlug}/pipelines`);
      await visitor.go(() => visitor.main.getByRole("link", { name: WORDS.states.succeeded }).click());
    },
  };

  for (const [name, go] of Object.entries(pictures))
    it(`is well on the page of ${name}`, async () => {
      await go();
      expect(visitor.takeFaults()).toEqual([]);
      if (!TAKES_SCREENSHOTS) return;
      const picture = await takePicture(visitor);
      expect(picture.byteLength).toBeLessThan(PICTURE_BYTES_MAX);
      await mkdir(SCREENSHOTS, { recursive: true });
      await writeFile(join(SCREENSHOTS, `${name}.png`), picture);
    });
});

/** The page from its top: as much of it as stands in a window, and no empty space below. */
async function takePicture({ page, main }: Visitor): Promise<Buffer> {
  await page.emulateMedia({ colorScheme: "light" });
  const box = await main.boundingBox();
  const height = Math.round(Math.min(HEIGHT_MAX, Math.max(HEIGHT_MIN, (box?.y ?? 0) + (box?.height ?? 0))));
  await page.setViewportSize({ width: 1280, height });
  return page.screenshot();
}
