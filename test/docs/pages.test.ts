import { beforeAll, describe, expect, it } from "vitest";
import { type Deployed, startDeploying } from "../forms/deployed.ts";
import { Browser } from "../support/browser.ts";
import { callApi, createUser, fetchInstance, ORIGIN, startInstance } from "../support/instance.ts";
import { parsePage } from "../support/page-dom.ts";

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
  key = await newKey(members.slug);
}, 60_000);

async function page(path: string, browser = new Browser()): Promise<string> {
  const response = await browser.get(path);
  expect(response.status).toBe(200);
  return response.text();
}

/** The text of the code block with this id. */
const codeOf = (markup: string, id: string) => parsePage(markup).css(`code#${id}`).source;

/** The names that stand as code on a page. */
const codesOf = (markup: string) =>
  parsePage(markup)
    .all("code")
    .map(({ source }) => source);

/** The body that a curl snippet sends; the features of these tests have no single quotes. */
function bodyOfCurl(snippet: string): unknown {
  const [, body = ""] = snippet.match(/-d '([^']*)'/) ?? [];
  return JSON.parse(body);
}

async function newKey(slug: string): Promise<string> {
  return (await callApi("POST", `/api/v1/deployments/${slug}/keys`, { name: "docs" }, token)).text("key");
}

function predictOf({ slug }: Deployed, features: Record<string, unknown>): ReturnType<typeof callApi> {
  return callApi("POST", `/api/v1/deployments/${slug}/predict`, { features });
}

describe("the page of the whole API", () => {
  it("shows every call of the document, without another site's files", async () => {
    const markup = await page("/docs");
    const document = await callApi("GET", "/openapi.json");
    const paths = Object.keys(Object(document.at("paths")));
    expect(paths.length).toBeGreaterThan(20);
    expect(codesOf(markup)).toEqual(expect.arrayContaining(paths));
    expect(markup).toContain("Create a personal token");
    expect(markup).toContain("expires_in_days");
    expect(markup).toContain("Open Inference Protocol v2");
    expect(markup).toContain("Or: application/vnd.apache.parquet");
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
    expect(codesOf(markup)).toEqual(expect.arrayContaining(["amount", "rooms", "furnished", "city", "note"]));
    expect(markup).toContain("1.5 to 40.5, median 21");
    expect(markup).toContain("Bern, Oslo");
    expect(markup).toContain("unseen_category");
    expect(markup).toContain("Idempotency-Key");
    expect(markup).not.toContain("yes, may be null");
    expect(await page(`/docs/${strict.slug}`)).toContain("yes, may be null");
  });

  it("shows calls of actuals and of the Open Inference Protocol that the deployment answers", async () => {
    for (const { slug } of [prices, sizes]) {
      const markup = await page(`/docs/${slug}`);
      const actuals = bodyOfCurl(codeOf(markup, "actuals"));
      const kept = await callApi("POST", `/api/v1/deployments/${slug}/actuals`, actuals, await newKey(slug));
      expect([kept.status, kept.body]).toEqual([200, { accepted: 0, unknown: [expect.any(String)], refused: [] }]);
      const inferred = await callApi("POST", `/v2/models/${slug}/infer`, JSON.parse(codeOf(markup, "infer")));
      expect([inferred.status, inferred.at("parameters.warnings")]).toEqual([200, []]);
    }
  });

  it("says of missing values what calls find", async () => {
    const withoutCity = { amount: 2, rooms: 2, furnished: true, note: "" };
    const absent = await predictOf(prices, withoutCity);
    expect([absent.at("warnings.0.code"), absent.at("warnings.1")]).toEqual(["absent", undefined]);
    expect((await predictOf(prices, { ...withoutCity, city: null })).at("warnings")).toEqual([]);
    const markup = await page(`/docs/${prices.slug}`);
    expect(markup).toContain("counts as missing, with a warning; null and &quot;&quot; do so without one");
  });

  it("says what the key of another deployment gets", async () => {
    const foreign = await newKey(sizes.slug);
    const answers = [prices, members].map(({ slug }) =>
      callApi("POST", `/api/v1/deployments/${slug}/predict`, { features: {} }, foreign),
    );
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([403, 404]);
    expect(await page(`/docs/${prices.slug}`)).toContain("The key belongs to another deployment");
    const response = await fetchInstance(`/docs/${members.slug}`, { headers: { authorization: `Bearer ${key}` } });
    const markup = await response.text();
    expect(markup).toContain("Keys of other deployments get this too");
    expect(markup).not.toContain("The key belongs to another deployment");
  });

  it("asks for a key only where one is needed, and never speaks of a challenger", async () => {
    const open = await page(`/docs/${prices.slug}`);
    for (const id of ["curl", "python", "javascript"]) expect(codeOf(open, id)).not.toContain("TILTYARD_API_KEY");
    expect(codeOf(open, "actuals")).toContain("TILTYARD_API_KEY");
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
    expect((await callApi("GET", "/docs/there-is-none/openapi.json")).status).toBe(401);
  });
});

/** Names and kinds of the values inside, without the values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
}
