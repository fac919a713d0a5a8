import { beforeAll, describe, expect, it } from "vitest";
import { type Deployed, startDeploying } from "../forms/deployed.ts";
import type { Answer } from "../support/answer.ts";
import { callApi, fetchInstance, ORIGIN, startInstance } from "../support/instance.ts";
import { expectOpenapi, operationsOf, refusalOf } from "./openapi-checks.ts";

let token: string;
let prices: Deployed;
let members: Deployed;
let sizes: Deployed;
let strict: Deployed;

beforeAll(async () => {
  token = (await startInstance()).adminToken;
  const deploying = await startDeploying(token);
  prices = await deploying.deployPrices({ name: "Prices", access: "public" });
  members = await deploying.deployPrices({ name: "Prices of members", access: "project" });
  sizes = await deploying.deploySizes({ name: "Sizes", access: "public" });
  strict = await deploying.deployPrices({ name: "Strict", access: "public", type_policy: "strict" });
}, 60_000);

function documentOf({ slug }: Deployed): Promise<Answer> {
  return callApi("GET", `/docs/${slug}/openapi.json`, undefined, token);
}

async function featuresOf(deployed: Deployed) {
  return Object((await documentOf(deployed)).at("components.schemas.Features"));
}

async function newKey({ slug }: Deployed): Promise<string> {
  return (await callApi("POST", `/api/v1/deployments/${slug}/keys`, { name: "docs" }, token)).text("key");
}

const ROW = { amount: 20.5, rooms: 3, furnished: true, city: "Bern", note: "quiet" };
/** Rows that predict answers under best effort, whatever it warns of. */
const ODD_ROWS: Record<string, unknown>[] = [
  { ...ROW, amount: "22", rooms: "4", furnished: "false" },
  { ...ROW, amount: null, city: null, note: "" },
  { ...ROW, city: "Atlantis", furnished: 1 },
  { ...ROW, city: 7, note: 12.5 },
  { ...ROW, colour: "red" },
  { rooms: 1, furnished: 0 },
];

describe("the OpenAPI document of one deployment", () => {
  it("is what OpenAPI 3.1 wants, and says where the deployment answers", async () => {
    for (const deployed of [prices, members, sizes, strict]) {
      const { body } = await documentOf(deployed);
      expectOpenapi(body);
      expect(Object(body).servers).toEqual([{ url: ORIGIN }]);
    }
    expect((await documentOf(prices)).at("info.title")).toBe("Prices");
  });

  it("has all that a key may call", async () => {
    const base = `/api/v1/deployments/${prices.slug}`;
    const model = `/v2/models/${prices.slug}`;
    const called = operationsOf((await documentOf(prices)).body).map(({ method, path }) => `${method} ${path}`);
    expect(called.toSorted()).toEqual(
      [
        `post ${base}/predict`,
        `get ${base}/about`,
        `get ${base}/inputs`,
        `get ${base}/outputs`,
        `post ${base}/actuals`,
        ...[model, `${model}/versions/{version}`].flatMap((path) => [
          `get ${path}`,
          `get ${path}/ready`,
          `post ${path}/infer`,
        ]),
      ].toSorted(),
    );
  });

  it("describes each feature by its kind, range, categories and example", async () => {
    const features = await featuresOf(prices);
    expect(features.required).toEqual(["rooms", "furnished"]);
    expect(features.additionalProperties).toBe(true);
    expect(features.properties.amount).toEqual({
      type: ["number", "string", "null"],
      description:
        'A number, also as a text: "22" is 22. In the training data 1.5 to 40.5, median 21. null and "" count as missing.',
      examples: [20.5],
    });
    expect(features.properties.rooms.type).toEqual(["number", "string"]);
    expect(features.properties.furnished.type).toEqual(["boolean", "integer", "string"]);
    expect(features.properties.city).toEqual({
      type: ["string", "number", "boolean", "null"],
      description:
        'The training data has only the examples. Another category gets a warning. null and "" count as missing.',
      examples: ["Bern", "Oslo"],
    });
    expect(features.properties.note.type).toContain("null");
  });

  it("refuses no row that a best-effort deployment answers", async () => {
    const features = await featuresOf(prices);
    for (const row of ODD_ROWS) {
      const answer = await callApi("POST", `/api/v1/deployments/${prices.slug}/predict`, { features: row });
      expect([row, answer.status, refusalOf(features, row)]).toEqual([row, 200, null]);
    }
    for (const row of [
      { ...ROW, rooms: null },
      { ...ROW, rooms: "" },
      { ...ROW, furnished: undefined },
    ]) {
      const sent: Record<string, unknown> = JSON.parse(JSON.stringify(row));
      const answer = await callApi("POST", `/api/v1/deployments/${prices.slug}/predict`, { features: sent });
      expect([sent, answer.status, refusalOf(features, sent)]).toEqual([sent, 422, expect.any(String)]);
    }
  });

  it("agrees with a strict deployment on each row: every feature, known categories, and no other name", async () => {
    const features = await featuresOf(strict);
    expect(features.required).toEqual(["amount", "rooms", "furnished", "city", "note"]);
    expect(features.properties.city.enum).toEqual(["Bern", "Oslo", "", null]);
    for (const row of [ROW, ...ODD_ROWS]) {
      const answer = await callApi("POST", `/api/v1/deployments/${strict.slug}/predict`, { features: row });
      expect([row, refusalOf(features, row) === null]).toEqual([row, answer.status === 200]);
    }
  });

  it("says the same of what is required as /inputs", async () => {
    for (const deployed of [prices, strict]) {
      const inputs = await callApi("GET", `/api/v1/deployments/${deployed.slug}/inputs`);
      const names = inputs.each("name");
      const required = names.filter((_, index) => inputs.at(`items.${index}.required`));
      const nullable = names.filter((_, index) => inputs.at(`items.${index}.nullable`));
      expect([required, nullable]).toEqual([(await featuresOf(deployed)).required, ["amount", "city", "note"]]);
    }
  });

  it("names the classes, and says whether a key is needed", async () => {
    const open = await documentOf(sizes);
    expect(open.at("components.schemas.Prediction.properties.prediction")).toEqual({
      type: ["string", "null"],
      enum: ["small", "large", null],
    });
    expect(Object.keys(Object(open.at("components.schemas.Prediction.properties.probabilities.properties")))).toEqual([
      "small",
      "large",
    ]);
    expect(open.at("security")).toEqual([{}, { bearer: [] }]);
    const actuals = operationsOf(open.body).find(({ operation }) => operation.operationId === "actuals");
    expect(actuals?.operation.security).toEqual([{ bearer: [] }]);
    const closed = await documentOf(members);
    expect(closed.at("security")).toEqual([{ bearer: [] }]);
    expect(closed.at("components.securitySchemes.bearer.scheme")).toBe("bearer");
  });

  it("says which refusals the key of another deployment gets", async () => {
    const foreign = await newKey(sizes);
    for (const [deployed, expected] of [
      [prices, 403],
      [members, 404],
    ] as const) {
      const path = `/api/v1/deployments/${deployed.slug}/predict`;
      expect((await callApi("POST", path, { features: ROW }, foreign)).status).toBe(expected);
      const predict = operationsOf((await documentOf(deployed)).body).find((found) => found.path === path);
      expect(Object.keys(predict?.operation.responses ?? {}).includes("403")).toBe(expected === 403);
    }
  });

  it("has examples that the deployment answers", async () => {
    for (const deployed of [prices, sizes]) {
      const key = await newKey(deployed);
      let sent = 0;
      for (const { path, operation } of operationsOf((await documentOf(deployed)).body)) {
        for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) {
          for (const { value } of Object.values<{ value: unknown }>(Object(media).examples)) {
            const response = await fetchInstance(path.replace("{version}", "1"), {
              method: "POST",
              headers: { authorization: `Bearer ${key}`, "content-type": type },
              body: typeof value === "string" ? value : JSON.stringify(value),
            });
            expect([path, type, response.status]).toEqual([path, type, 200]);
            sent += 1;
          }
        }
      }
      expect(sent).toBe(6);
    }
  });
});
