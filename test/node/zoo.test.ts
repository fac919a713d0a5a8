import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readZooCases, type ZooCase } from "./zoo-cases.ts";
import { EXPECTATIONS } from "./zoo-expectations.ts";
import { startZooInstance, type ZooInstance } from "./zoo-instance.ts";
import { type Outcome, tryThroughApi } from "./zoo-outcome.ts";
import { writeConformance } from "./zoo-report.ts";
import { isThorough } from "../support/thorough.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ZOO_DIR = resolve(ROOT, process.env["ZOO_DIR"] ?? "../shared/zoo");
const isHere = existsSync(join(ZOO_DIR, "models"));
// What stays is the runtime, its code, the models that fit the heap budget, and what waits for the collector. The 120 sessions
// of a run would add more than 1,200 MB if they were kept.
const RESIDENT_BYTES_MAX = 1_250_000_000;

// The models are not ours to pass on, so where the folder is missing there is nothing to run.
describe.skipIf(!isHere || !isThorough)("each real model of the zoo, taken in by the public API,", () => {
  const cases = isHere ? readZooCases(ZOO_DIR) : new Map<string, ZooCase[]>();
  const outcomes = new Map<string, Outcome>();
  let instance: ZooInstance;
  let project: string;
  let first: { slug: string; zooCase: ZooCase } | null = null;

  beforeAll(async () => {
    instance = await startZooInstance();
    project = (await instance.call("POST", "/api/v1/projects", { name: "Zoo" })).text("slug");
  });

  afterAll(async () => {
    await instance?.stop();
  });

  it("is one whose outcome is settled beforehand", () => {
    const files = readdirSync(join(ZOO_DIR, "models")).filter((file) => /\.(onnx|ort)$/.test(file));
    expect(files.sort()).toEqual(Object.keys(EXPECTATIONS).sort());
  });

  it.for(Object.entries(EXPECTATIONS))("%s does as expected", async ([file, expected]) => {
    const model = { file, zooDir: ZOO_DIR, project, external: expected.external ?? [] };
    for (const zooCase of cases.get(file) ?? []) {
      const outcome = await tryThroughApi(instance, model, zooCase);
      expect(outcome.outcome, outcome.reason ?? "").toBe(expected.outcome);
      if (outcome.difference !== null) expect(outcome.difference).toBeLessThanOrEqual(zooCase.tolerance);
      // Whether rows see each other is for the trial to find out.
      if (outcome.slug) {
        expect(outcome.report.includes("rows_separated")).toBe(expected.rowsInfluenceEachOther === true);
      }
      const { slug } = outcome;
      // The first one stays to the end; the others make room.
      if (slug && !first) first = { slug, zooCase };
      else if (slug) expect((await instance.call("DELETE", `/api/v1/deployments/${slug}`)).status).toBe(204);
      outcomes.set(file, worse(outcomes.get(file), outcome));
    }
    expect(outcomes.has(file)).toBe(true);
  });

  it("leaves a service that answers as before", async () => {
    expect((await instance.call("GET", "/health")).status).toBe(200);
    expect(first).not.toBeNull();
    const { columns = [], rows = [] } = first?.zooCase ?? {};
    const features = Object.fromEntries(columns.map((name, index) => [name, rows[0]?.[index] ?? null]));
    expect((await instance.call("POST", `/api/v1/deployments/${first?.slug}/predict`, { features })).status).toBe(200);
  });

  it("gives its memory back", async () => {
    const bytes = await instance.residentBytes();
    if (bytes === null) return;
    console.log(`The runtime holds ${Math.round(bytes / 1_000_000)} MB after ${outcomes.size} models.`);
    expect(bytes).toBeLessThan(RESIDENT_BYTES_MAX);
  });

  it("has its line in docs/conformance.md", async () => {
    expect(outcomes.size, "the table is written after a complete run only").toBe(Object.keys(EXPECTATIONS).length);
    await writeConformance(join(ROOT, "docs/conformance.md"), outcomes, cases);
  });
});

function worse(one: Outcome | undefined, other: Outcome): Outcome {
  return (one?.difference ?? -1) > (other.difference ?? -1) ? (one ?? other) : other;
}
