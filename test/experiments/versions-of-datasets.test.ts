import { env } from "cloudflare:workers";
import { parquetWriteBuffer } from "hyparquet-writer";
import { beforeAll, describe, expect, it } from "vitest";
import { Answer } from "../support/answer.ts";
import { addExperiment, addProject, eventually, expectStatus, upload } from "../support/deployment.ts";
import { callApi, createUser, fetchInstance, startInstance, type TestUser } from "../support/instance.ts";

const CSV = "age,town,price\n30,Ulm,1.5\n40,Bonn,2.5\n50,Ulm,3.5\n";
const HOLDOUT = "price,town,age\n9,Ulm,41\n8,Ulm,42\n";
const PARQUET = "application/vnd.apache.parquet";

let owner: TestUser;
let project: string;
let experiment: string;
/** Datasets of the project with the rows of CSV and of HOLDOUT. */
let rows: string;
let held: string;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
  project = await addProject(owner, "Datasets");
  experiment = await addExperiment(owner, project, { name: "Prices", target: "price" });
  rows = await addDataset(CSV);
  held = await addDataset(HOLDOUT);
});

/** A dataset that has been read, whatever came of it; returns its id. */
async function addDataset(body: string | ArrayBuffer, type = "text/csv", to = project): Promise<string> {
  const headers = { authorization: `Bearer ${owner.token}`, "content-type": type };
  const path = `/api/v1/projects/${to}/datasets?name=Rows`;
  const id = expectStatus(await Answer.of(await fetchInstance(path, { method: "POST", headers, body })), 201).text(
    "id",
  );
  await eventually(
    () => callApi("GET", `/api/v1/datasets/${id}`, undefined, owner.token),
    (answer) => answer.at("state") !== "running",
  );
  return id;
}

/** 60 kB of text in each of so many rows: large as CSV, and next to nothing as Parquet. */
function addTexts(count: number): Promise<string> {
  const texts = Array.from({ length: count }, () => "x".repeat(60_000));
  const prices = Array.from({ length: count }, (_, row) => row);
  const columnData = [
    { name: "town", data: texts, type: "STRING" as const },
    { name: "price", data: prices, type: "DOUBLE" as const },
  ];
  return addDataset(parquetWriteBuffer({ columnData }), PARQUET);
}

function send(body: unknown, token = owner.token, to = experiment): Promise<Answer> {
  return callApi("POST", `/api/v1/experiments/${to}/versions`, body, token);
}

/** What is answered of a version, without what tells it from others. */
function contents(answer: Answer): Record<string, unknown> {
  const body = { ...(expectStatus(answer, 201).body as Record<string, unknown>) };
  for (const name of ["id", "number", "created_at"]) delete body[name];
  return body;
}

async function stored(answer: Answer, file: string): Promise<string | null> {
  const id = answer.text("id");
  const { objects } = await env.STORE.list({ prefix: `versions/${id}/` });
  const key = objects.find((object) => object.key.includes(file))?.key;
  return key === undefined ? null : ((await (await env.STORE.get(key))?.text()) ?? null);
}

describe("a version of datasets", () => {
  it("is what an upload of the same bytes is: answered, profiled and stored alike", async () => {
    const schema = { kinds: { age: "categorical" }, not_features: [] };
    const sent = await send({ reference_dataset_id: rows, holdout_dataset_id: held, schema });
    const uploaded = await upload(`/api/v1/experiments/${experiment}/versions`, owner.token, {
      reference: { name: "a.csv", content: CSV },
      holdout: { name: "b.csv", content: HOLDOUT },
      schema: JSON.stringify(schema),
    });
    expect(contents(sent)).toEqual(contents(uploaded));
    expect(sent.body).toMatchObject({ state: "succeeded", rows: 3, holdout_rows: 2 });
    expect([sent.at("features.0.kind"), sent.at("features.1.kind")]).toEqual(["categorical", "categorical"]);
    expect(await stored(sent, "profile")).toBe(await stored(uploaded, "profile"));
    expect(await stored(sent, "profile")).toContain("Bonn");
    expect([await stored(sent, "reference"), await stored(sent, "holdout")]).toEqual([CSV, HOLDOUT]);
  });

  it("needs neither holdout nor schema, and takes null for them", async () => {
    const alone = await send({ reference_dataset_id: rows });
    expect(contents(await send({ reference_dataset_id: rows, holdout_dataset_id: null, schema: null }))).toEqual(
      contents(alone),
    );
    expect([alone.at("holdout_rows"), alone.at("features.0.kind")]).toEqual([null, "numeric"]);
    expect(await stored(alone, "holdout")).toBeNull();
  });

  it("has the kinds and the profile of the same rows as CSV where they came as Parquet", async () => {
    const parquet = parquetWriteBuffer({
      columnData: [
        { name: "age", data: [30, 40, 50], type: "INT32" },
        { name: "town", data: ["Ulm", "Bonn", "Ulm"], type: "STRING" },
        { name: "price", data: [1.5, 2.5, 3.5], type: "DOUBLE" },
      ],
    });
    const sent = await send({ reference_dataset_id: await addDataset(parquet, PARQUET) });
    const ofCsv = await send({ reference_dataset_id: rows });
    expect(contents(sent)).toEqual(contents(ofCsv));
    expect(await stored(sent, "profile")).toBe(await stored(ofCsv, "profile"));
    expect(await stored(sent, "reference")).toBe(CSV);
  });

  it("stays as it is when the dataset is deleted", async () => {
    const id = await addDataset(CSV);
    const made = expectStatus(await send({ reference_dataset_id: id }), 201);
    expect((await callApi("DELETE", `/api/v1/datasets/${id}`, undefined, owner.token)).status).toBe(204);
    const path = `/api/v1/experiments/${experiment}/versions/${String(made.at("number"))}`;
    expect((await callApi("GET", path, undefined, owner.token)).body).toEqual(made.body);
    expect(await stored(made, "reference")).toBe(CSV);
    expect((await send({ reference_dataset_id: id })).status).toBe(422);
  });
});

describe("a dataset that cannot be training data", () => {
  it("is refused where the project has none with its id: another project's is told like none", async () => {
    const foreign = await addDataset(CSV, "text/csv", await addProject(owner, "Elsewhere"));
    const answers = await Promise.all(["dst_none", foreign].map((id) => send({ reference_dataset_id: id })));
    for (const answer of answers) {
      expect(answer.body).toMatchObject({ status: 422, code: "invalid_input" });
      expect(answer.at("errors")).toEqual([
        { path: "reference_dataset_id", message: "Dataset not found in this project." },
      ]);
    }
    const asHoldout = await send({ reference_dataset_id: rows, holdout_dataset_id: foreign });
    expect([asHoldout.status, asHoldout.at("errors.0.path")]).toEqual([422, "holdout_dataset_id"]);
  });

  it("is refused while it is not whole, and when it is broken", async () => {
    const started = { name: "In parts", format: "csv" };
    const pending = await callApi("POST", `/api/v1/projects/${project}/datasets/uploads`, started, owner.token);
    const early = await send({ reference_dataset_id: pending.text("id") });
    expect([early.status, early.at("code"), early.at("errors.0.path")]).toEqual([
      409,
      "conflict",
      "reference_dataset_id",
    ]);
    expect(early.text("detail")).toContain("Wait until its state is succeeded");
    const broken = await send({ reference_dataset_id: await addDataset("a,b\n1,2\n3\n") });
    expect([broken.status, broken.text("detail")]).toEqual([422, expect.stringContaining("Upload a corrected file")]);
  });

  it("is refused past 25 MB as CSV, however small its file, and together with the holdout", async () => {
    const large = await addDataset(`${CSV}${"30,Ulm,1.5\n".repeat(2_300_000)}`);
    const answer = await send({ reference_dataset_id: large });
    expect([answer.status, answer.at("code"), answer.at("errors.0.path")]).toEqual([
      413,
      "too_large",
      "reference_dataset_id",
    ]);
    expect(answer.text("detail")).toContain("25 MB");
    const [unpacked, half] = [await addTexts(430), await addTexts(220)];
    const packed = await callApi("GET", `/api/v1/datasets/${unpacked}`, undefined, owner.token);
    expect(Number(packed.at("bytes"))).toBeLessThan(1_000_000);
    expect((await send({ reference_dataset_id: unpacked })).at("code")).toBe("too_large");
    const both = await send({ reference_dataset_id: half, holdout_dataset_id: half });
    expect([both.status, both.at("errors.0.path")]).toEqual([413, "holdout_dataset_id"]);
    expect((await send({ reference_dataset_id: half })).status).toBe(201);
  });

  it("is refused under the name of its member where its columns or cells do not go with the experiment", async () => {
    const lacking = await send({
      reference_dataset_id: rows,
      holdout_dataset_id: await addDataset("age,price\n1,2\n"),
    });
    expect([lacking.status, lacking.at("errors.0.path")]).toEqual([422, "holdout_dataset_id"]);
    expect(lacking.text("detail")).toContain("lacks the column town");
    const alone = await send({ reference_dataset_id: await addDataset("price\n1\n2\n") });
    expect([alone.status, alone.at("errors.0.path")]).toEqual([422, "reference_dataset_id"]);
    expect(alone.text("detail")).toContain("no feature column");
  });

  it("is refused where commas would not be taken for what ends its cells", async () => {
    const columnData = [{ name: "age;town", data: ["30;Ulm", "40;Bonn"], type: "STRING" as const }];
    const free = await addExperiment(owner, project, { name: "No target" });
    const id = await addDataset(parquetWriteBuffer({ columnData }), PARQUET);
    const answer = await send({ reference_dataset_id: id }, owner.token, free);
    expect([answer.status, answer.text("detail")]).toEqual([422, expect.stringContaining("Rename these columns")]);
  });
});

describe("a body of JSON", () => {
  it.each([
    ["nothing in it", {}, "reference_dataset_id"],
    ["a number for an id", { reference_dataset_id: 7 }, "reference_dataset_id"],
    ["a holdout alone", { holdout_dataset_id: "dst_1" }, "reference_dataset_id"],
    ["no id for a holdout", { reference_dataset_id: "dst_1", holdout_dataset_id: 1 }, "holdout_dataset_id"],
    ["a list", [], ""],
  ])("with %s is refused at its place", async (_, body, path) => {
    const answer = await send(body);
    expect([answer.status, answer.at("code"), answer.at("errors.0.path")]).toEqual([422, "invalid_input", path]);
  });

  it("is refused for members that there are not, and for a schema that is none or speaks of other columns", async () => {
    const unknown = await send({ reference_dataset_id: rows, holdout: held });
    expect([unknown.status, unknown.text("detail")]).toEqual([422, expect.stringContaining("holdout")]);
    for (const schema of [[], "{}", { kinds: { age: "number" } }, { kinds: { weight: "numeric" } }]) {
      const answer = await send({ reference_dataset_id: rows, schema });
      expect([schema, answer.status]).toEqual([schema, 422]);
      expect(JSON.stringify(answer.at("errors"))).toMatch(/schema|\[\]/);
    }
  });

  it("is read for contributors only: to others it says nothing of the datasets", async () => {
    const viewer = await createUser();
    await callApi("PUT", `/api/v1/projects/${project}/members/${viewer.id}`, { role: "viewer" }, owner.token);
    const stranger = await createUser();
    for (const body of [{ reference_dataset_id: rows }, { reference_dataset_id: "dst_none" }, []]) {
      expect((await send(body, viewer.token)).status).toBe(403);
      expect((await send(body, stranger.token)).status).toBe(404);
    }
  });

  it("stands in the document beside the files", async () => {
    const document = await Answer.of(await fetchInstance("/openapi.json"));
    const { paths } = document.body as { paths: Record<string, { post: { requestBody: { content: object } } }> };
    const content = paths["/api/v1/experiments/{id}/versions"]?.post.requestBody.content;
    expect(content).toMatchObject({
      "multipart/form-data": { schema: { required: ["reference"] } },
      "application/json": {
        schema: {
          required: ["reference_dataset_id"],
          properties: { schema: { properties: { kinds: expect.anything(), not_features: expect.anything() } } },
        },
      },
    });
  });
});
