import { beforeAll, describe, expect, it } from "vitest";
import { type Deployed, startDeploying } from "../forms/deployed.ts";
import { Browser } from "../support/browser.ts";
import { callApi, createUser, fetchInstance, ORIGIN, startInstance } from "../support/instance.ts";

let token: string;
let prices: Deployed;
let members: Deployed;
let sizes: Deployed;
let strict: Deployed;
let key: string;

beforeAll(async () => {
  token = (await startInstance()).adminToken;
  const deploying = await startDeploying(token);
  prices = await deploying.deployPrices({ name: "Prices", description: "What a <room> costs", access: "public" });
  members = await deploying.deployPrices({ name: "Prices of members", access: "project" });
  sizes = await deploying.deploySizes({ name: "Sizes", access: "public" });
  strict = await deploying.deployPrices({ name: "Strict", access: "public", type_policy: "strict" });
  key = (await callApi("POST", `/api/v1/deployments/${members.slug}/keys`, { name: "docs" }, token)).text("key");
}, 60_000);

async function page(path: string, browser = new Browser()): Promise<string> {
  const response = await browser.get(path);
  expect(response.status).toBe(200);
  return response.text();
}

/** The text of the code block with this id, entities decoded. */
function codeOf(markup: string, id: string): string {
  const [, found = ""] = markup.match(new RegExp(`<code id="${id}">([^]*?)</code>`)) ?? [];
  return found
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

/** The body that a curl snippet sends; the features of these tests have no single quotes. */
function bodyOfCurl(snippet: string): unknown {
  const [, body = ""] = snippet.match(/-d '([^']*)'/) ?? [];
  return JSON.parse(body);
}

describe("the page of the whole API", () => {
  it("shows every call of the document, without another site's files", async () => {
    const markup = await page("/docs");
    const document = await callApi("GET", "/openapi.json");
    const paths = Object.keys(Object(document.at("paths")));
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths) expect(markup).toContain(`<code>${path}</code>`);
    expect(markup).toContain("Create a personal token");
    expect(markup).toContain("expires_in_days");
    expect(markup).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(markup).not.toMatch(/<script(?![^>]*\ssrc=)|\sstyle=/);
  });
});

describe("the page of one deployment", () => {
  it("shows an example row that the deployment answers", async () => {
    const markup = await page(`/docs/${prices.slug}`);
    expect(markup).toContain("What a &lt;room&gt; costs");
    const curl = codeOf(markup, "curl");
    expect(curl).toContain(`'${ORIGIN}/api/v1/deployments/${prices.slug}/predict'`);
    const answer = await callApi("POST", `/api/v1/deployments/${prices.slug}/predict`, bodyOfCurl(curl));
    expect([answer.status, answer.at("warnings")]).toEqual([200, []]);
    const rows = await callApi(
      "POST",
      `/api/v1/deployments/${prices.slug}/predict`,
      JSON.parse(codeOf(markup, "rows")),
    );
    expect([rows.status, rows.at("predictions.1.warnings")]).toEqual([200, []]);
  });

  it("shows an answer of the shape that a call really gets", async () => {
    for (const { slug } of [prices, sizes]) {
      const markup = await page(`/docs/${slug}`);
      const real = await callApi("POST", `/api/v1/deployments/${slug}/predict`, bodyOfCurl(codeOf(markup, "curl")));
      const shown: unknown = JSON.parse(codeOf(markup, "answer"));
      expect(shapeOf(shown)).toEqual(shapeOf(real.body));
    }
  });

  it("lists the features with what is known of them", async () => {
    const markup = await page(`/docs/${prices.slug}`);
    for (const name of ["amount", "rooms", "furnished", "city", "note"])
      expect(markup).toContain(`<code>${name}</code>`);
    expect(markup).toContain("1.5 to 40.5, median 21");
    expect(markup).toContain("Bern, Oslo");
    expect(markup).toContain("unseen_category");
    expect(markup).toContain("Idempotency-Key");
  });

  it("asks for a key only where one is needed, and never speaks of a challenger", async () => {
    expect(await page(`/docs/${prices.slug}`)).not.toContain("TILTYARD_API_KEY");
    const response = await fetchInstance(`/docs/${members.slug}`, {
      headers: { authorization: `Bearer ${key}`, accept: "text/html" },
    });
    expect(await response.text()).toContain("TILTYARD_API_KEY");
    const markup = await page(`/docs/${sizes.slug}`);
    // The logo is drawn of two lances, one of which is called so.
    expect(markup.replaceAll(/<svg class="mark".*?<\/svg>/g, "")).not.toMatch(/challenger|rival/i);
    expect(JSON.stringify((await callApi("GET", `/docs/${sizes.slug}/openapi.json`)).body)).not.toMatch(
      /challenger|rival/i,
    );
  });

  it("obeys the access level, for the document as well", async () => {
    const paths = [`/docs/${members.slug}`, `/docs/${members.slug}/openapi.json`];
    for (const path of paths) {
      const sent = await new Browser().get(path);
      expect([sent.status, sent.headers.get("location")]).toEqual([303, `/sign-in?next=${encodeURIComponent(path)}`]);
      expect((await fetchInstance(path)).status).toBe(401);
      expect((await callApi("GET", path, undefined, (await createUser()).token)).status).toBe(404);
      expect((await callApi("GET", path, undefined, key)).status).toBe(200);
      expect((await callApi("GET", path, undefined, token)).status).toBe(200);
    }
    expect((await callApi("GET", "/docs/there-is-none/openapi.json")).status).toBe(404);
  });
});

describe("the OpenAPI document of one deployment", () => {
  it("has what OpenAPI 3.1 wants: info, paths, and only references that lead somewhere", async () => {
    const { body } = await callApi("GET", `/docs/${prices.slug}/openapi.json`);
    const document = Object(body);
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect([document.info.title, typeof document.info.version]).toEqual(["Prices", "string"]);
    expect(document.servers).toEqual([{ url: ORIGIN }]);
    const base = `/api/v1/deployments/${prices.slug}`;
    expect(Object.keys(document.paths)).toEqual([
      `${base}/predict`,
      `${base}/about`,
      `${base}/inputs`,
      `${base}/outputs`,
    ]);
    for (const path of Object.keys(document.paths)) {
      for (const operation of Object.values(Object(document.paths[path]))) {
        const { operationId, responses } = Object(operation);
        expect(typeof operationId).toBe("string");
        for (const response of Object.values(Object(responses)))
          expect(typeof Object(response).description).toBe("string");
        expect(Object.keys(Object(responses))).toContain("200");
      }
    }
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(5);
    for (const [, name = ""] of references) expect(Object.keys(document.components.schemas)).toContain(name);
  });

  it("describes each feature by its kind, range, categories and example", async () => {
    const answer = await callApi("GET", `/docs/${prices.slug}/openapi.json`);
    const features = Object(answer.at("components.schemas.Features"));
    expect(features.required).toEqual(["rooms", "furnished"]);
    expect(features.additionalProperties).toBe(true);
    expect(features.properties.amount).toEqual({
      type: ["number", "null"],
      description: "In the training data 1.5 to 40.5, median 21",
      examples: [20.5],
    });
    expect(features.properties.rooms.type).toBe("number");
    expect(features.properties.furnished.type).toBe("boolean");
    expect(features.properties.city).toEqual({
      type: ["string", "null"],
      enum: ["Bern", "Oslo", null],
      examples: ["Bern"],
    });
    expect(features.properties.note.type).toEqual(["string", "null"]);
  });

  it("wants every feature and no other where the deployment is strict", async () => {
    const answer = await callApi("GET", `/docs/${strict.slug}/openapi.json`);
    const features = Object(answer.at("components.schemas.Features"));
    expect(features.required).toEqual(["amount", "rooms", "furnished", "city", "note"]);
    expect(features.additionalProperties).toBe(false);
  });

  it("names the classes, and says whether a key is needed", async () => {
    const open = await callApi("GET", `/docs/${sizes.slug}/openapi.json`);
    expect(open.at("components.schemas.Prediction.properties.prediction")).toEqual({
      type: ["string", "null"],
      enum: ["small", "large", null],
    });
    expect(Object.keys(Object(open.at("components.schemas.Prediction.properties.probabilities.properties")))).toEqual([
      "small",
      "large",
    ]);
    expect(open.at("security")).toEqual([{}, { bearer: [] }]);
    const closed = await callApi("GET", `/docs/${members.slug}/openapi.json`, undefined, key);
    expect(closed.at("security")).toEqual([{ bearer: [] }]);
    expect(closed.at("components.securitySchemes.bearer.scheme")).toBe("bearer");
  });

  it("has examples that the deployment answers", async () => {
    const document = await callApi("GET", `/docs/${prices.slug}/openapi.json`);
    const examples = "requestBody.content.application/json.examples";
    const [operation] = Object.values(Object(document.at("paths")));
    for (const name of ["one", "rows"]) {
      const value = examples.split(".").reduce((found, part) => Object(found)[part], Object(operation).post);
      const answer = await callApi("POST", `/api/v1/deployments/${prices.slug}/predict`, Object(value)[name].value);
      expect(answer.status).toBe(200);
    }
  });
});

/** Names and kinds of the values inside, without the values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
}
