import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, readAs, type TestDeployment } from "../support/deployment.ts";
import { callApi, fetchInstance, startInstance } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";

const AMOUNTS = ["amount,price", ...Array.from({ length: 20 }, (_, row) => `${row},${row * 2}`)].join("\n");

let open: TestDeployment;
let closed: TestDeployment;

beforeAll(async () => {
  await startInstance();
  open = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(2), access: "public" });
  closed = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(2) });
});

const encoder = new TextEncoder();

async function packed(text: string, format: "gzip" | "deflate"): Promise<ArrayBuffer> {
  const stream = new Blob([encoder.encode(text)]).stream().pipeThrough(new CompressionStream(format));
  return new Response(stream).arrayBuffer();
}

function post(path: string, body: BodyInit, headers: Record<string, string>): Promise<Response> {
  return fetchInstance(path, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });
}

const ONE = JSON.stringify({ features: { amount: 4 } });
const INFER = JSON.stringify({ inputs: [{ name: "amount", datatype: "FP64", shape: [1], data: [4] }] });

/** The addresses at which pages of other sites may use a public deployment, with a call of each. */
const shared = (deployment: TestDeployment): [method: string, path: string, body?: string][] => [
  ["POST", `${deployment.path}/predict`, ONE],
  ["GET", `${deployment.path}/about`],
  ["GET", `${deployment.path}/inputs`],
  ["GET", `${deployment.path}/outputs`],
  ["GET", `/v2/models/${deployment.slug}`],
  ["GET", `/v2/models/${deployment.slug}/ready`],
  ["POST", `/v2/models/${deployment.slug}/infer`, INFER],
  ["GET", `/docs/${deployment.slug}/openapi.json`],
];

describe("a page of another site", () => {
  it("may use a public deployment, and is told so before it calls and with every answer", async () => {
    for (const [method, path, body] of shared(open)) {
      const asked = await fetchInstance(path, {
        method: "OPTIONS",
        headers: { origin: "https://shop.example", "access-control-request-method": method },
      });
      expect([path, asked.status, asked.headers.get("access-control-allow-origin")]).toEqual([path, 204, "*"]);
      expect(asked.headers.get("access-control-allow-methods")).toContain(method);
      expect(asked.headers.get("access-control-allow-credentials")).toBeNull();
      const answer = await fetchInstance(path, {
        method,
        headers: { origin: "https://shop.example", "content-type": "application/json" },
        ...(body !== undefined && { body }),
      });
      expect([path, answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([path, 200, "*"]);
    }
    const refused = await post(`${open.path}/predict`, "{}", { origin: "https://shop.example" });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([422, "*"]);
    const wrong = await post(`${open.path}/predict`, ONE, { authorization: "Bearer tyk_wrong" });
    expect([wrong.status, wrong.headers.get("access-control-allow-origin")]).toEqual([401, "*"]);
  });

  it("is told nothing anywhere else", async () => {
    const elsewhere = [
      ...shared(closed).map(([, path]) => path),
      `${open.path}/predictions`,
      `${open.path}/actuals`,
      open.path,
      "/api/v1/me",
      "/v2",
      "/openapi.json",
    ];
    for (const path of elsewhere) {
      for (const method of ["OPTIONS", "GET"]) {
        const answer = await fetchInstance(path, { method, headers: { origin: "https://shop.example" } });
        expect([path, method, answer.headers.get("access-control-allow-origin")]).toEqual([path, method, null]);
      }
    }
  });
});

describe("a packed body", () => {
  it.each(["gzip", "deflate"] as const)("is understood: %s", async (format) => {
    const headers = { authorization: `Bearer ${closed.key}`, "content-encoding": format };
    const answer = await post(`${closed.path}/predict`, await packed(ONE, format), headers);
    expect([answer.status, ((await answer.json()) as { prediction: number }).prediction]).toEqual([200, 8]);
    const inferred = await post(`/v2/models/${closed.slug}/infer`, await packed(INFER, format), headers);
    expect(inferred.status).toBe(200);
    const csv = await packed("prediction_id,actual\nprd_none,1\n", format);
    const actuals = await post(`${closed.path}/actuals`, csv, { ...headers, "content-type": "text/csv" });
    expect([actuals.status, await actuals.json()]).toMatchObject([200, { accepted: 0, unknown: ["prd_none"] }]);
  });

  it("keeps its limits after unpacking, and is refused where it is not what it says", async () => {
    const authorization = `Bearer ${closed.key}`;
    const bomb = await packed(JSON.stringify({ features: { amount: "0".repeat(9_000_000) } }), "gzip");
    expect(bomb.byteLength).toBeLessThan(100_000);
    const large = await post(`${closed.path}/predict`, bomb, { authorization, "content-encoding": "gzip" });
    expect(large.status).toBe(413);
    const plain = await post(`${closed.path}/predict`, ONE, { authorization, "content-encoding": "gzip" });
    expect([plain.status, ((await plain.json()) as { code: string }).code]).toEqual([400, "malformed"]);
    const brotli = await post(`${closed.path}/predict`, ONE, { authorization, "content-encoding": "br" });
    expect([brotli.status, ((await brotli.json()) as { detail: string }).detail]).toEqual([
      415,
      expect.stringContaining('Content-Encoding "br"'),
    ]);
    const nobody = await post(`${closed.path}/predict`, ONE, { "content-encoding": "br" });
    expect(nobody.status).toBe(401);
  });
});

describe("a body in the form of another server", () => {
  const rows = [{ amount: 1 }, { amount: 2.5 }];
  it.each<[string, unknown]>([
    ["rows", { rows }],
    ["a list of objects, as pandas writes records", rows],
    ["dataframe_records of MLflow", { dataframe_records: rows }],
    ["dataframe_split of MLflow", { dataframe_split: { index: [0, 1], columns: ["amount"], data: [[1], [2.5]] } }],
    ["instances of KServe v1", { instances: rows }],
  ])("means rows: %s", async (_, body) => {
    const answer = await callApi("POST", `${closed.path}/predict`, body, closed.key);
    expect([answer.status, answer.at("predictions.0.prediction"), answer.at("predictions.1.prediction")]).toEqual([
      200, 2, 5,
    ]);
  });

  it.each<[unknown, string]>([
    [{ rows, instances: rows }, "features"],
    [{ features: { amount: 1 }, amount: 2 }, "amount"],
    [{ dataframe_split: { columns: ["amount"], data: [[1, 2]] } }, "dataframe_split.data[0]"],
    [{ dataframe_split: { columns: ["amount", "amount"], data: [[1, 2]] } }, "dataframe_split.columns"],
    [{ dataframe_split: { columns: ["amount"] } }, "dataframe_split"],
    [{ instances: [[1]] }, "rows[0]"],
    [[], "rows"],
    ["amount", "features"],
  ])("is refused where it is not clear: %j", async (body, path) => {
    const answer = await callApi("POST", `${closed.path}/predict`, body, closed.key);
    expect([answer.status, answer.at("code"), answer.at("errors.0.path")]).toEqual([422, "invalid_input", path]);
  });
});

describe("an address", () => {
  it("is the same with a slash at its end", async () => {
    expect(
      (await callApi("POST", `${closed.path}/predict/`, { features: { amount: 3 } }, closed.key)).at("prediction"),
    ).toBe(6);
    expect((await readAs(closed.owner, `${closed.path}/`)).at("id")).toBe(closed.id);
    expect((await callApi("GET", `/v2/models/${closed.slug}/`, undefined, closed.key)).status).toBe(200);
  });

  it("answers HEAD as GET without the body", async () => {
    const answer = await fetchInstance(`${closed.path}/about`, {
      method: "HEAD",
      headers: { authorization: `Bearer ${closed.key}` },
    });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });

  it("says which methods it has where one is wrong, and to OPTIONS", async () => {
    for (const [method, path, allow] of [
      ["GET", `${closed.path}/predict`, "POST, OPTIONS"],
      ["HEAD", `${closed.path}/predict`, "POST, OPTIONS"],
      ["PUT", closed.path, "GET, DELETE, HEAD, OPTIONS"],
      ["POST", "/health", "GET, HEAD, OPTIONS"],
      ["DELETE", `/v2/models/${closed.slug}/infer`, "POST, OPTIONS"],
      ["GET", `/v2/models/${closed.slug}/infer`, "POST, OPTIONS"],
    ] as const) {
      const answer = await fetchInstance(path, { method, headers: { authorization: `Bearer ${closed.key}` } });
      expect([method, path, answer.status, answer.headers.get("allow")]).toEqual([method, path, 405, allow]);
      await answer.text();
    }
    const asked = await fetchInstance(`${closed.path}/actuals`, { method: "OPTIONS" });
    expect([asked.status, asked.headers.get("allow")]).toEqual([204, "POST, OPTIONS"]);
    expect((await fetchInstance("/api/v1/no-such-thing", { method: "POST" })).status).toBe(404);
  });
});

describe("who calls without a credential", () => {
  it("is told the same of a deployment that is not public and of one that there is not", async () => {
    for (const [method, path, body] of shared(closed)) {
      const wrong = path.replace(closed.id, "dep_none").replace(closed.slug, "there-is-none");
      const told = await Promise.all(
        [path, wrong].map(async (address) => {
          const answer = await callApi(method, address, body === undefined ? undefined : JSON.parse(body));
          return [answer.status, answer.headers.get("www-authenticate"), answer.at("detail") ?? answer.at("error")];
        }),
      );
      expect(told[0]).toEqual(told[1]);
      expect(told[0]?.[0]).toBe(401);
    }
  });
});

describe("what is unknown", () => {
  it("in a JSON body is refused by its place", async () => {
    const answer = await callApi(
      "POST",
      `/api/v1/projects/${closed.project}/experiments`,
      { name: "One", task: "regression", targt: "price" },
      closed.owner.token,
    );
    expect([answer.status, answer.at("code"), answer.at("errors")]).toEqual([
      422,
      "invalid_input",
      [{ path: "targt", message: "This member is unknown." }],
    ]);
    const deep = await callApi(
      "POST",
      `/api/v1/projects/${closed.project}/deployments`,
      { name: "x", experiment_id: closed.experiment, main: { version: 1, model_id: closed.mainId, role: "main" } },
      closed.owner.token,
    );
    expect([deep.status, deep.at("errors.0.path")]).toEqual([422, "main.role"]);
    const actuals = await callApi(
      "POST",
      `${closed.path}/actuals`,
      { items: [{ prediction_id: "prd_none", actual: 1, note: "?" }] },
      closed.key,
    );
    expect([actuals.status, actuals.at("errors.0.path")]).toEqual([422, "items[0].note"]);
  });

  it("in the query is refused by its name", async () => {
    for (const path of [`${closed.path}/monitoring/drift?where=amount`, "/api/v1/projects?limit=5&page=2"]) {
      const answer = await readAs(closed.owner, path);
      expect([answer.status, answer.at("errors.0.path")]).toEqual([422, /[?&](where|page)/.exec(path)?.[1]]);
    }
    expect((await readAs(closed.owner, "/api/v1/projects?limit=5")).status).toBe(200);
  });
});
