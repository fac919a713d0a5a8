import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { parquetWriteBuffer } from "hyparquet-writer";
import { beforeAll, describe, expect, it } from "vitest";
import { deployments } from "../../../src/deployments/schema.ts";
import { inspectDataset, resumeDatasets } from "../../../src/pipelines/datasets/inspect-dataset.ts";
import { purgeDatasets } from "../../../src/pipelines/datasets/purge-datasets.ts";
import { datasets, pipelines } from "../../../src/pipelines/schema.ts";
import { addExperiment, addProject, expectStatus } from "../../support/deployment.ts";
import { callApi, createUser, type Instance, startInstance, type TestUser } from "../../support/instance.ts";
import { call, callJson } from "./datasets-instance.ts";

const CSV = 'age,town\n30,Ulm\n40,"Bad\nHomburg"\n';
const PART = 5_242_880;

let instance: Instance;
let owner: TestUser;
let project: string;
let path: string;

beforeAll(async () => {
  instance = await startInstance();
  owner = await createUser();
  project = await addProject(owner, "Datasets");
  path = `/api/v1/projects/${project}/datasets`;
});

function sendCsv(csv: string | Uint8Array, token = owner.token, name = "People") {
  return call("POST", `${path}?name=${name}`, token, { headers: { "content-type": "text/csv" }, body: csv });
}

async function member(role: string): Promise<TestUser> {
  const user = await createUser();
  expectStatus(await callApi("PUT", `/api/v1/projects/${project}/members/${user.id}`, { role }, owner.token), 200);
  return user;
}

async function keysOf(id: string): Promise<string[]> {
  return (await env.STORE.list({ prefix: `datasets/${id}/` })).objects.map(({ key }) => key);
}

describe("a dataset", () => {
  it("is made of the bytes of a CSV, read once, listed and answered", async () => {
    const made = expectStatus(await sendCsv(CSV), 201);
    expect(made.body).toEqual({
      id: expect.stringMatching(/^dst_/),
      project_id: project,
      name: "People",
      format: "csv",
      state: "succeeded",
      error: null,
      rows: 2,
      columns: ["age", "town"],
      bytes: CSV.length,
      created_by: owner.id,
      created_at: expect.stringMatching(/Z$/),
    });
    expect((await call("GET", `/api/v1/datasets/${made.text("id")}`, owner.token)).body).toEqual(made.body);
    const list = await call("GET", `${path}?limit=1`, owner.token);
    expect(list.each("id")).toEqual([made.text("id")]);
    const stored = await env.STORE.get(`datasets/${made.text("id")}/file`);
    expect(await stored?.text()).toBe(CSV);
  });

  it("is made of a multipart upload, named by its part or its file", async () => {
    const body = new FormData();
    body.append("file", new Blob([CSV]), "people.csv");
    expect((await call("POST", path, owner.token, { body })).body).toMatchObject({ name: "people.csv", rows: 2 });
    const named = new FormData();
    named.append("name", "My people");
    named.append("file", new Blob([CSV]), "people.csv");
    expect((await call("POST", path, owner.token, { body: named })).body).toMatchObject({ name: "My people" });
  });

  it("is made of a Parquet file", async () => {
    const body = parquetWriteBuffer({
      columnData: [
        { name: "age", data: [30, 40, null], type: "DOUBLE", nullable: true },
        { name: "town", data: ["Ulm", "Bonn", "Köln"], type: "STRING" },
      ],
    });
    const headers = { "content-type": "application/vnd.apache.parquet" };
    const made = await call("POST", `${path}?name=p`, owner.token, { headers, body });
    expect(made.body).toMatchObject({ format: "parquet", state: "succeeded", rows: 3, columns: ["age", "town"] });
    const damaged = await call("POST", `${path}?name=p`, owner.token, { headers, body: body.slice(0, 60) });
    expect(damaged.body).toMatchObject({ state: "failed", error: { code: "parquet_broken" } });
    expect(damaged.text("error.message")).toContain("Parquet file is cut off");
  });

  it.each([
    ["a ragged row", "a,b\n1,2\n3\n", "csv_ragged", "Line 3 has 1 field"],
    ["no data", "a,b\n", "csv_header_only", "no data"],
    ["nothing at all", "", "csv_empty", "empty"],
    ["a gzip file", new Uint8Array([0x1f, 0x8b, 8, 0, 20]), "csv_encoding", "compressed (gzip). Unpack it"],
    ["a Parquet file", "PAR1 and more", "csv_encoding", "is a Parquet file"],
    ["a workbook", new Uint8Array([0x50, 0x4b, 3, 4, 20]), "csv_encoding", "Excel workbook"],
  ])("that is broken fails with the sentence that says what to change: %s", async (_, csv, code, words) => {
    const made = expectStatus(await sendCsv(csv), 201);
    expect(made.body).toMatchObject({ state: "failed", rows: null, error: { code } });
    expect(made.text("error.message")).toContain(words);
  });

  it("is refused for another type, a body that says it is too large, and a name that is none", async () => {
    const headers = { "content-type": "application/json" };
    expect((await call("POST", path, owner.token, { headers, body: "{}" })).status).toBe(415);
    expect((await sendCsv(CSV, owner.token, "")).status).toBe(422);
    expect((await sendCsv(CSV, owner.token, "x".repeat(121))).status).toBe(422);
    const large = { "content-type": "text/csv", "content-length": "100000001" };
    expect((await call("POST", `${path}?name=x`, owner.token, { headers: large, body: CSV })).status).toBe(413);
  });

  it("is read by viewers, made by contributors, who delete what they made, and admins of the project any", async () => {
    const [viewer, contributor] = [await member("viewer"), await member("contributor")];
    const stranger = await createUser();
    const owners = `/api/v1/datasets/${expectStatus(await sendCsv(CSV), 201).text("id")}`;
    expect((await call("GET", owners, viewer.token)).status).toBe(200);
    expect((await call("GET", owners, stranger.token)).status).toBe(404);
    expect((await sendCsv(CSV, viewer.token)).status).toBe(403);
    expect((await sendCsv(CSV, stranger.token)).status).toBe(404);
    expect((await call("DELETE", owners, viewer.token)).status).toBe(403);
    expect((await call("DELETE", owners, contributor.token)).status).toBe(403);
    const own = expectStatus(await sendCsv(CSV, contributor.token), 201).text("id");
    expect((await call("DELETE", `/api/v1/datasets/${own}`, contributor.token)).status).toBe(204);
    expect((await call("GET", `/api/v1/datasets/${own}`, owner.token)).status).toBe(404);
    expect(await keysOf(own)).toEqual([]);
    expect((await call("DELETE", owners, owner.token)).status).toBe(204);
    const log = await callApi("GET", `/api/v1/projects/${project}/audit?limit=2`, undefined, owner.token);
    expect(log.each("action")).toEqual(["dataset.delete", "dataset.delete"]);
  });

  it("stays while a pipeline reads it, which is named, and goes once that is deleted", async () => {
    const id = expectStatus(await sendCsv(CSV), 201).text("id");
    const experimentId = await addExperiment(owner, project);
    await instance.db.insert(deployments).values({
      id: "dpl_1",
      slug: "dpl-1",
      projectId: project,
      experimentId,
      name: "Deployment",
      access: "project",
      typePolicy: "best_effort",
      deployed: "building",
      currentVersion: 1,
      createdBy: owner.id,
      createdAt: 1,
    });
    await instance.db.insert(pipelines).values({
      id: "ppl_1",
      projectId: project,
      deploymentId: "dpl_1",
      name: "Every Monday",
      destinations: [],
      source: { kind: "dataset", dataset_id: id },
      enabled: true,
      createdBy: owner.id,
      createdAt: 1,
    });
    const refused = await call("DELETE", `/api/v1/datasets/${id}`, owner.token);
    expect(refused.status).toBe(409);
    expect(refused.text("detail")).toContain("Every Monday");
    await instance.db.update(pipelines).set({ deletedAt: 2 }).where(eq(pipelines.id, "ppl_1"));
    expect((await call("DELETE", `/api/v1/datasets/${id}`, owner.token)).status).toBe(204);
    expect((await call("DELETE", `/api/v1/datasets/${id}`, owner.token)).status).toBe(404);
  });
});

describe("an upload in parts", () => {
  const header = "n,text\n";
  const line = `1,${"x".repeat(61)}\n`;
  // Rows lie across parts; the last part is smaller.
  const file = header + line.repeat(170_000);

  async function begin(): Promise<string> {
    return expectStatus(
      await callJson("POST", `${path}/uploads`, owner.token, { name: "Large", format: "csv" }),
      201,
    ).text("id");
  }
  function put(id: string, part: number, body: string) {
    // With their length known beforehand, as clients send files; without, in chunks.
    const headers = part % 2 === 1 ? { "content-length": String(body.length) } : {};
    return call("PUT", `${path}/uploads/${id}/parts/${part}`, owner.token, { body, headers });
  }
  function complete(id: string) {
    return call("POST", `${path}/uploads/${id}/complete`, owner.token);
  }

  it("takes parts in any order and again, puts them together once, and reads the whole", async () => {
    const id = await begin();
    const parts = [file.slice(0, PART), file.slice(PART, 2 * PART), file.slice(2 * PART)];
    expect((await put(id, 3, parts[2] ?? "")).status).toBe(200);
    expect((await put(id, 1, "z".repeat(PART))).status).toBe(200);
    expect((await complete(id)).text("detail")).toContain("Part 2 is missing");
    expect((await put(id, 2, parts[1] ?? "")).status).toBe(200);
    expect((await put(id, 1, parts[0] ?? "")).body).toEqual({ part: 1, bytes: PART });
    const done = expectStatus(await complete(id), 201);
    expect(done.body).toMatchObject({
      id,
      state: "succeeded",
      rows: 170_000,
      columns: ["n", "text"],
      bytes: file.length,
    });
    expect((await complete(id)).body).toEqual(done.body);
    expect((await put(id, 1, "late")).status).toBe(409);
    const stored = await env.STORE.get(`datasets/${id}/file`, { range: { offset: PART - 10, length: 20 } });
    expect(await stored?.text()).toBe(file.slice(PART - 10, PART + 10));
  });

  it("takes small parts of any size, where all of them are", async () => {
    const id = await begin();
    const small = header + line.repeat(50);
    await put(id, 2, small.slice(10, 1_500));
    await put(id, 1, small.slice(0, 10));
    await put(id, 3, small.slice(1_500));
    const done = expectStatus(await complete(id), 201);
    expect(done.body).toMatchObject({ state: "succeeded", rows: 50, bytes: small.length });
    expect(await (await env.STORE.get(`datasets/${id}/file`))?.text()).toBe(small);
    const left = await env.STORE.list({ prefix: `datasets/${id}/parts/` });
    expect(left.objects).toEqual([]);
    expect((await complete(id)).body).toEqual(done.body);
  });

  it("is not complete without parts, with unequal ones, or with small ones before the last", async () => {
    const id = await begin();
    expect((await complete(id)).status).toBe(409);
    await put(id, 1, file.slice(0, PART));
    await put(id, 2, file.slice(0, PART + 1));
    expect((await complete(id)).text("detail")).toContain("must have the same size");
    await put(id, 1, "small");
    expect((await complete(id)).text("detail")).toContain("5 MiB");
    expect((await put(id, 0, "x")).status).toBe(422);
    expect((await put(id, 1, "")).status).toBe(422);
    expect((await call("GET", `/api/v1/datasets/${id}`, owner.token)).at("state")).toBe("pending");
  });

  it("is removed with its parts when it is not completed within a week", async () => {
    const id = await begin();
    await put(id, 1, "a,b\n1,2\n");
    await purgeDatasets(env, instance.db, Date.now() + 6 * 86_400_000);
    expect((await call("GET", `/api/v1/datasets/${id}`, owner.token)).status).toBe(200);
    await purgeDatasets(env, instance.db, Date.now() + 8 * 86_400_000);
    expect((await call("GET", `/api/v1/datasets/${id}`, owner.token)).status).toBe(404);
    expect((await put(id, 1, "a,b\n1,2\n")).status).toBe(404);
  });
});

describe("reading that broke off", () => {
  async function runningDataset(): Promise<string> {
    const id = expectStatus(await sendCsv(CSV), 201).text("id");
    await instance.db.update(datasets).set({ state: "running", rows: null, columns: null }).where(eq(datasets.id, id));
    return id;
  }

  it("goes on at a tick of the clock, minutes after the upload", async () => {
    const id = await runningDataset();
    await resumeDatasets(env, instance.db, Date.now());
    expect((await call("GET", `/api/v1/datasets/${id}`, owner.token)).at("state")).toBe("running");
    await resumeDatasets(env, instance.db, Date.now() + 600_000);
    expect((await call("GET", `/api/v1/datasets/${id}`, owner.token)).body).toMatchObject({
      state: "succeeded",
      rows: 2,
    });
  });

  it("is left alone at the ticks during which it may still go on", async () => {
    const id = await runningDataset();
    for (const minutes of [6, 7, 9]) await resumeDatasets(env, instance.db, Date.now() + minutes * 60_000);
    expect((await call("GET", `/api/v1/datasets/${id}`, owner.token)).at("state")).toBe("running");
    expect(await (await env.STORE.get(`datasets/${id}/attempts`))?.text()).toBe("1");
  });

  it("is given up after five times", async () => {
    const id = await runningDataset();
    await env.STORE.put(`datasets/${id}/attempts`, "5");
    await inspectDataset({ store: env.STORE, db: instance.db }, id);
    const answer = await call("GET", `/api/v1/datasets/${id}`, owner.token);
    expect(answer.body).toMatchObject({ state: "failed", error: { code: "dataset_unreadable" } });
  });
});
