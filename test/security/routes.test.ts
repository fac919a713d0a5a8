import { beforeAll, describe, expect, it, vi } from "vitest";
import { createApp } from "../../src/app.tsx";
import type { AccessLevel } from "../../src/access/rights.ts";
import { allowedBy, expectedOf, isAsExpected, outcomeOf, refusedBy } from "./expectations.ts";
import { addressOf, type Payload, send } from "./request.ts";
import { type Route, ROUTES } from "./route-table.ts";
import { storedState } from "./stored-state.ts";
import { type CallerName, type Ids, NO_SUCH_IDS, startWorld, type World } from "./world.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 90_000 });

let world: World;
beforeAll(async () => {
  // Where tests of alerts are sent to.
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("thanks"));
  world = await startWorld();
});

const LEVELS = ["project", "instance", "public"] as const;
const METHODS = new Set(["GET", "POST", "PUT", "PATCH", "DELETE"]);

function ask(
  { method, pattern }: Route,
  caller: CallerName,
  level: AccessLevel,
  ids: Ids,
  payload?: Payload,
): Promise<Response> {
  return send(method, addressOf(pattern, ids), world.credential(caller, level), payload);
}

it("the table has every route of the app, and no other", () => {
  const routes = createApp()
    .routes.filter(({ method }) => METHODS.has(method))
    .map(({ method, path }) => `${method} ${path}`);
  expect(ROUTES.map(({ name }) => name).toSorted()).toEqual([...new Set(routes)].toSorted());
});

/** Asks as everybody whom the route refuses, with what would succeed, and looks whether anything was changed. */
async function expectRefusals(route: Route, level: AccessLevel, payload = route.sends?.(world)): Promise<void> {
  const { need } = route;
  const before = await storedState();
  const callers = refusedBy(need, level);
  const answers = await Promise.all(callers.map((caller) => ask(route, caller, level, world.ids(level), payload)));
  for (const [index, caller] of callers.entries()) {
    const answer = answers[index];
    const outcome = answer ? outcomeOf(need, answer) : "no answer";
    const expected = expectedOf(need, level)[caller];
    if (!isAsExpected(outcome, expected)) expect(`${caller}: ${outcome}`).toBe(`${caller}: ${expected}`);
  }
  expect(await storedState()).toEqual(before);
}

async function expectLeave(route: Route, level: AccessLevel): Promise<void> {
  const { need, sends, harmless, status } = route;
  for (const caller of allowedBy(need, level)) {
    const { payload, ids } = (await harmless?.(world, world.credential(caller, level))) ?? {};
    const answer = await ask(route, caller, level, { ...world.ids(level), ...ids }, payload ?? sends?.(world));
    expect(`${caller}: ${outcomeOf(need, answer)}`).toBe(`${caller}: allowed`);
    const isExpected = [status].flat().includes(answer.status);
    if (!isExpected) expect(`${caller}: ${answer.status} ${await answer.text()}`).toBe(`${caller}: ${String(status)}`);
  }
}

// All refusals come before the first change.
describe.each(LEVELS)("with %s access, who may not is refused, and nothing changes:", (level) => {
  const routes = ROUTES.filter(({ need }) => need === "predicts" || level === "project");
  const refusing = routes.filter(({ need }) => refusedBy(need, level).length > 0);
  it.each(refusing.map((route) => [route.name, route] as const))("%s", (_, route) => expectRefusals(route, level));
});

describe("how a body should have been is told nobody who may not send it:", () => {
  const taking = ROUTES.filter(
    ({ name, need }) => /^(POST|PUT|PATCH) .api./.test(name) && refusedBy(need, "project").length > 0,
  );
  it.each(taking.map((route) => [route.name, route] as const))("%s", (_, route) =>
    expectRefusals(route, "project", { json: "none that fits" }),
  );
});

describe("what a caller may not know of", () => {
  const HIDING = [
    ["a deployment", ["predicts", "reads deployment", "changes deployment", "deletes deployment"]],
    ["a project", ["reads project", "changes project", "deletes of project", "manages project"]],
  ] as const;
  const ABROAD = ["member of another project", "key of another deployment"] as const;

  it.each(HIDING)("is answered like %s that there is not", async (_, needs) => {
    const told: string[] = [];
    for (const route of ROUTES.filter(({ need }) => needs.some((one) => one === need))) {
      for (const caller of ABROAD) {
        const payload = route.sends?.(world);
        const there = await textOf(await ask(route, caller, "project", world.ids(), payload));
        const notThere = await textOf(await ask(route, caller, "project", NO_SUCH_IDS, payload));
        if (there !== notThere) told.push(`${route.name}, ${caller}: ${differenceOf(there, notThere)}`);
      }
    }
    expect(told).toEqual([]);
  });
});

/** Where the first text goes another way than the second. */
function differenceOf(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at += 1;
  const part = (whole: string) => `"${whole.slice(Math.max(0, at - 10), at + 20)}"`;
  return `${part(text)} for one that there is, ${part(other)} for one that there is not`;
}

/** Status and body without what is different each time. */
async function textOf(response: Response): Promise<string> {
  const text = await response.text();
  return `${response.status} ${text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "request")}`;
}

describe.each(LEVELS)("with %s access, who may is let:", (level) => {
  const routes = ROUTES.filter(({ need }) => need === "predicts" || level === "project");
  it.each(routes.map((route) => [route.name, route] as const))("%s", (_, route) => expectLeave(route, level));
});
