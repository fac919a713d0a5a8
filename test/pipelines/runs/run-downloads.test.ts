import { env } from "cloudflare:workers";
import { parquetReadObjects } from "hyparquet";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Browser } from "../../support/browser.ts";
import { deployModel, type TestDeployment } from "../../support/deployment.ts";
import { callApi, fetchInstance, ORIGIN, startInstance } from "../../support/instance.ts";
import {
  rangeKey,
  type ResultColumn,
  resultParquetKey,
  writeRunResult,
} from "../../../src/inference/batch/run-result.ts";
import { timesModel } from "../../support/models.ts";
import { addPipeline, storeRun } from "../pipeline-fixtures.ts";

let deployment: TestDeployment;

beforeAll(async () => {
  await startInstance();
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), name: "Churn" });
});

const read = (id: string) => callApi("GET", `/api/v1/runs/${id}`, undefined, deployment.owner.token);

describe("the files of a run", () => {
  const LINES = ["=1+1,2\n", '"+A ""q""",3\n'];
  const CSV = `name,prediction\n${LINES.join("")}`;
  const file = { rows: 2, bytes: CSV.length };
  const ERRORS = "line,row,model,reason\n4,3,main,no number\n";
  const SLOT = Date.UTC(2026, 4, 4, 6, 0);
  let id: string;
  let pipeline: string;

  beforeEach(async () => {
    const files = { main: file, challenger: null, errors: { rows: 1, bytes: 20 } };
    // A slot has one run: each test has a pipeline of its own.
    pipeline = await addPipeline(deployment);
    id = await storeRun(deployment, pipeline, { state: "succeeded", slot: SLOT, files });
    // As a run of two ranges leaves them.
    for (const [range, line] of LINES.entries()) await env.STORE.put(rangeKey(id, range, "main"), line);
    const ranges = LINES.map(({ length }) => length);
    const columns: ResultColumn[] = [
      { name: "name", type: "text", role: "source" },
      { name: "prediction", type: "number", role: "prediction" },
    ];
    await writeRunResult(env.STORE, {
      runId: id,
      deploymentId: deployment.id,
      version: 1,
      at: SLOT,
      rows: 3,
      main: { ...file, columns, ranges, blocks: [] },
      challenger: null,
      errors: { rows: 1, bytes: ERRORS.length, ranges: [0, ERRORS.length - "line,row,model,reason\n".length] },
    });
    await env.STORE.put(rangeKey(id, 1, "errors"), "4,3,main,no number\n");
    await env.STORE.put(resultParquetKey(id, "main"), "PAR1 bytes PAR1");
  });

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetchInstance(`/api/v1/runs/${id}/files/${path}`, {
      headers: { authorization: `Bearer ${deployment.owner.token}`, ...headers },
    });

  it("are named in the run, and come byte for byte to programs", async () => {
    const { main, challenger } = (await read(id)).at("files") as Record<string, { url: string } | null>;
    expect([main, challenger]).toEqual([{ ...file, url: `${ORIGIN}/api/v1/runs/${id}/files/main` }, null]);
    const answer = await get("main");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(answer.headers.get("content-length")).toBe(String(CSV.length));
    expect(answer.headers.get("content-disposition")).toBe(
      'attachment; filename="nightly-scores-2026-05-04-0600-main.csv"',
    );
    expect(await answer.text()).toBe(CSV);
    const parquet = await get("main?format=parquet");
    expect(parquet.headers.get("content-type")).toBe("application/vnd.apache.parquet");
    expect(parquet.headers.get("content-disposition")).toContain("-main.parquet");
    expect(await parquet.text()).toBe("PAR1 bytes PAR1");
  });

  it("hold no formulas for people, who open them in spreadsheets", async () => {
    const browser = new Browser();
    await browser.signIn(deployment.owner);
    const csv = await (await browser.get(`/api/v1/runs/${id}/files/main`)).text();
    expect(csv).toBe('name,prediction\n\'=1+1,2\n"\'+A ""q""",3\n');
    expect(await (await browser.get(`/api/v1/runs/${id}/files/main?format=parquet`)).text()).toBe("PAR1 bytes PAR1");
  });

  it("are 404 where there are none, with the reason", async () => {
    const answer = await get("challenger");
    expect([answer.status, await answer.json()]).toMatchObject([
      404,
      { detail: expect.stringContaining("no challenger") },
    ]);
    id = await storeRun(deployment, pipeline, { state: "running" });
    for (const name of ["main", "challenger", "errors"]) {
      const early = await get(name);
      expect([early.status, await early.json()]).toMatchObject([
        404,
        { detail: expect.stringContaining("not finished") },
      ]);
    }
    expect((await get("other")).status).toBe(404);
  });

  it("of errors come as CSV and as Parquet, with numbers and texts", async () => {
    expect(await (await get("errors")).text()).toBe(ERRORS);
    const parquet = await get("errors?format=parquet");
    expect(parquet.headers.get("content-type")).toBe("application/vnd.apache.parquet");
    expect(parquet.headers.get("content-disposition")).toContain("-errors.parquet");
    const file = await parquet.arrayBuffer();
    expect(await parquetReadObjects({ file })).toEqual([{ line: 4n, row: 3n, model: "main", reason: "no number" }]);
    expect((await get("main?format=xlsx")).status).toBe(422);
  });
});
