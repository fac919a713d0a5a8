import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";

export interface Look {
  width: 360 | 1280;
  colorScheme: "light" | "dark";
}

const AXE = join(import.meta.dirname, "../../node_modules/axe-core/axe.min.js");
const HEIGHT = 900;

// Where a page's own scripts are off, its timers are too, and axe waits for some of 0 ms. The longer ones are its time limits.
const TIMERS_FOR_AXE = `
  globalThis.setTimeout = (run, ms = 0, ...args) => { if (ms < 100) Promise.resolve().then(() => run(...args)); return 0; };`;

const VIOLATIONS = `
  axe.run(document, { resultTypes: ["violations"], preload: false }).then(({ violations }) => violations.map(
    ({ id, help, nodes }) => id + " (" + help + "): " + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(" … ")))`;

/** What reaches past the right edge, where the page as a whole can be scrolled sideways. */
const OVERFLOW = `
  (() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > clientWidth + 1);
    return ["scrolls sideways by " + (scrollWidth - clientWidth) + " px: " + wide.slice(-3).map((one) => one.outerHTML.slice(0, 200)).join(" … ")];
  })()`;

/** Lays the page out as `look` says, as a browser window of that width does. */
export async function takeLook(page: Page, { width, colorScheme }: Look): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: HEIGHT });
}

/** What axe-core finds, and whether the page is wider than its window; nothing when it is well. */
export async function inspectPage(page: Page, javaScript: boolean): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) {
    if (!javaScript) await page.evaluate(TIMERS_FOR_AXE);
    await page.evaluate(await readFile(AXE, "utf8"));
  }
  return [...(await page.evaluate<string[]>(OVERFLOW)), ...(await page.evaluate<string[]>(VIOLATIONS))];
}
