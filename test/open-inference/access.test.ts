import { beforeAll, describe, expect, it } from "vitest";
import { Answer } from "../support/answer.ts";
import { Browser } from "../support/browser.ts";
import { deployModel, expectStatus, type TestDeployment } from "../support/deployment.ts";
import { callApi, createUser, fetchInstance, ORIGIN, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";
import { column } from "./calls.ts";

const LEVELS = ["public", "instance", "project"] as const;
type Level = (typeof LEVELS)[number];

const BODY = { inputs: [column("amount", "FP64", [2])] };

let deployments: Record<Level, TestDeployment>;
let member: TestUser;
/** Member of another project. */
let other: TestUser;

beforeAll(async () => {
  await startInstance();
  const owner = await createUser();
  const deploy = (access: Level): Promise<TestDeployment> =>
    deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), access, owner });
  deployments = {
    public: await deploy("public"),
    instance: await deploy("instance"),
    project: await deploy("project"),
  };
  member = await createUser();
  for (const level of LEVELS) {
    const path = `/api/v1/projects/${deployments[level].project}/members/${member.id}`;
    expectStatus(await callApi("PUT", path, { role: "end_user" }, owner.token), 200);
  }
  other = await createUser();
  expectStatus(await callApi("POST", "/api/v1/projects", { name: "Elsewhere" }, other.token), 201);
});

/** The status that each call on a model gets, which has to be one and the same. */
async function statusOf(level: Level, token: string | undefined): Promise<number> {
  const path = `/v2/models/${deployments[level].slug}`;
  const answers = [
    await callApi("POST", `${path}/infer`, BODY, token),
    await callApi("POST", `${path}/versions/1/infer`, BODY, token),
    await callApi("GET", path, undefined, token),
    await callApi("GET", `${path}/versions/1`, undefined, token),
    await callApi("GET", `${path}/ready`, undefined, token),
  ];
  const statuses = new Set(answers.map(({ status }) => status));
  expect(statuses.size).toBe(1);
  for (const answer of answers) if (answer.status !== 200) expect(Object.keys(answer.body ?? {})).toEqual(["error"]);
  return answers[0]?.status ?? 0;
}

/** What a caller gets on the public, the instance's and the project's deployment. */
async function statuses(tokenFor: (level: Level) => string | undefined): Promise<number[]> {
  const found: number[] = [];
  for (const level of LEVELS) found.push(await statusOf(level, tokenFor(level)));
  return found;
}

describe("who may infer", () => {
  it("is anybody on a public deployment; elsewhere a credential is needed", async () => {
    expect(await statuses(() => undefined)).toEqual([200, 401, 401]);
  });

  it("is the deployment's own key, and no other's", async () => {
    expect(await statuses((level) => deployments[level].key)).toEqual([200, 200, 200]);
    expect(await statuses((level) => deployments[level === "project" ? "public" : "project"].key)).toEqual([
      403, 404, 404,
    ]);
  });

  it("is a member of the project, and another user where the deployment is the instance's", async () => {
    expect(await statuses(() => member.token)).toEqual([200, 200, 200]);
    expect(await statuses(() => other.token)).toEqual([200, 200, 404]);
  });

  it("is nobody with a bad credential, also where none is needed", async () => {
    for (const token of ["nonsense", "tyk_x"]) expect(await statuses(() => token)).toEqual([401, 401, 401]);
    const answer = await callApi("GET", "/v2", undefined, "nonsense");
    expect([answer.status, Object.keys(answer.body ?? {})]).toEqual([401, ["error"]]);
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
    expect(answer.headers.get("x-request-id")).toBeTruthy();
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("is who has a session, from our own pages only", async () => {
    const browser = new Browser();
    await browser.signIn(member);
    const send = async (site: string): Promise<Answer> => {
      const headers = { cookie: browser.cookie, "content-type": "application/json", "sec-fetch-site": site };
      const path = `${ORIGIN}/v2/models/${deployments.project.slug}/infer`;
      return Answer.of(await fetchInstance(path, { method: "POST", headers, body: JSON.stringify(BODY) }));
    };
    const own = await send("same-origin");
    expect([own.status, own.at("outputs.0.data")]).toEqual([200, [4]]);
    const foreign = await send("cross-site");
    expect([foreign.status, Object.keys(foreign.body ?? {})]).toEqual([403, ["error"]]);
  });

  it("is told nothing of the body's faults, nor of versions, where it may not call", async () => {
    const path = `/v2/models/${deployments.project.slug}`;
    const bad = await callApi("POST", `${path}/infer`, { inputs: "nonsense" }, other.token);
    const none = await callApi("POST", "/v2/models/there-is-none/infer", { inputs: "nonsense" }, other.token);
    expect([bad.status, none.status]).toEqual([404, 404]);
    const version = await callApi("POST", `${path}/versions/7/infer`, BODY, other.token);
    expect([version.status, version.text("error")]).toEqual([404, bad.text("error")]);
  });
});
