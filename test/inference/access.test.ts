import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, expectStatus, type TestDeployment } from "../support/deployment.ts";
import { callApi, createUser, startInstance, type TestUser } from "../support/instance.ts";
import { timesModel } from "../support/models.ts";

const LEVELS = ["public", "instance", "project"] as const;
const ROLES = ["admin", "contributor", "viewer", "end_user"] as const;

type Level = (typeof LEVELS)[number];

let owner: TestUser;
let instanceAdmin: string;
let stranger: TestUser;
let deployments: Record<Level, TestDeployment>;
/** Members of every project, by role. */
let members: Record<(typeof ROLES)[number], TestUser>;

beforeAll(async () => {
  instanceAdmin = (await startInstance()).adminToken;
  owner = await createUser();
  stranger = await createUser();
  const deploy = (access: Level): Promise<TestDeployment> =>
    deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), access, owner });
  deployments = {
    public: await deploy("public"),
    instance: await deploy("instance"),
    project: await deploy("project"),
  };
  members = {
    admin: await createUser(),
    contributor: await createUser(),
    viewer: await createUser(),
    end_user: await createUser(),
  };
  for (const role of ROLES) {
    for (const level of LEVELS) {
      const path = `/api/v1/projects/${deployments[level].project}/members/${members[role].id}`;
      expectStatus(await callApi("PUT", path, { role }, owner.token), 200);
    }
  }
});

interface Expected {
  status: number;
  code?: string;
}

const OK: Expected = { status: 200 };
const WHO: Expected = { status: 401, code: "unauthorized" };
const FORBIDDEN: Expected = { status: 403, code: "forbidden" };
const HIDDEN: Expected = { status: 404, code: "not_found" };

/** What a caller gets from predict and the descriptions: all four are under one right. */
async function expectCalls(level: Level, token: string | undefined, expected: Expected): Promise<void> {
  const { path } = deployments[level];
  const calls = [
    callApi("POST", `${path}/predict`, { features: { amount: 1 } }, token),
    ...["about", "inputs", "outputs"].map((part) => callApi("GET", `${path}/${part}`, undefined, token)),
  ];
  for (const answer of await Promise.all(calls)) {
    expect({ status: answer.status, ...(answer.status === 200 ? {} : { code: answer.at("code") }) }).toEqual(expected);
  }
}

/** What a caller gets from the records and the deployment itself, which take a viewer. */
async function expectReads(level: Level, token: string | undefined, expected: Expected): Promise<void> {
  const { id, path } = deployments[level];
  const record = `/predictions/${id.replace("dep_", "p")}-1-local0-1-0`;
  for (const part of ["", "/predictions", record, "/versions", "/keys"]) {
    const answer = await callApi("GET", `${path}${part}`, undefined, token);
    const isAbsentRecord = part === record && expected.status === 200 && answer.status === 404;
    if (!isAbsentRecord) expect([part, answer.status]).toEqual([part, expected.status]);
  }
}

describe("predicting", () => {
  it("is for anybody on a public deployment, for nobody without a credential on the others", async () => {
    await expectCalls("public", undefined, OK);
    await expectCalls("instance", undefined, WHO);
    await expectCalls("project", undefined, WHO);
  });

  it("is for every user on public and instance deployments; the project's does not exist for other users", async () => {
    await expectCalls("public", stranger.token, OK);
    await expectCalls("instance", stranger.token, OK);
    await expectCalls("project", stranger.token, HIDDEN);
    await expectCalls("project", instanceAdmin, OK);
  });

  it("is for every member of the project", async () => {
    for (const role of ROLES) for (const level of LEVELS) await expectCalls(level, members[role].token, OK);
  });

  it("is for the deployment's own key, whatever its access, and for no other deployment's", async () => {
    for (const level of LEVELS) await expectCalls(level, deployments[level].key, OK);
    await expectCalls("project", deployments.instance.key, HIDDEN);
    await expectCalls("instance", deployments.public.key, HIDDEN);
    await expectCalls("public", deployments.project.key, FORBIDDEN);
  });

  it("is refused with a bad credential, also where nobody needs one", async () => {
    const changed = `${deployments.public.key.slice(0, -1)}${deployments.public.key.endsWith("0") ? "1" : "0"}`;
    for (const level of LEVELS)
      for (const token of ["nonsense", changed, "tyk_x"]) await expectCalls(level, token, WHO);
  });

  it("tells who may not call nothing of the body's faults", async () => {
    const answer = await callApi("POST", `${deployments.project.path}/predict`, { rows: "nonsense" }, stranger.token);
    expect(answer.status).toBe(404);
    const unknown = await callApi("POST", "/api/v1/deployments/no-such-thing/predict", { rows: "nonsense" });
    expect([unknown.status, unknown.at("code")]).toEqual([401, "unauthorized"]);
  });
});

describe("reading records and the deployment", () => {
  it("is for viewers and above, and never for keys", async () => {
    for (const level of LEVELS) {
      for (const role of ["admin", "contributor", "viewer"] as const) await expectReads(level, members[role].token, OK);
      await expectReads(level, members.end_user.token, FORBIDDEN);
      await expectReads(level, deployments[level].key, FORBIDDEN);
      await expectReads(level, undefined, WHO);
    }
    await expectReads("project", stranger.token, HIDDEN);
    await expectReads("public", stranger.token, FORBIDDEN);
  });
});

describe("a key", () => {
  it("stops working as soon as it is revoked here, and one that expires works until then", async () => {
    const { path } = deployments.project;
    const made = await callApi("POST", `${path}/keys`, { name: "short-lived" }, members.contributor.token);
    expect(made.status).toBe(201);
    const key = made.text("key");
    const predict = async (token: string): Promise<number> =>
      (await callApi("POST", `${path}/predict`, { features: { amount: 1 } }, token)).status;
    expect(await predict(key)).toBe(200);
    expect((await callApi("DELETE", `${path}/keys/${made.text("id")}`, undefined, members.viewer.token)).status).toBe(
      403,
    );
    expect(await predict(key)).toBe(200);
    expect(
      (await callApi("DELETE", `${path}/keys/${made.text("id")}`, undefined, members.contributor.token)).status,
    ).toBe(204);
    expect(await predict(key)).toBe(401);
    const expiring = await callApi(
      "POST",
      `${path}/keys`,
      { name: "expiring", expires_at: new Date(Date.now() + 700).toISOString() },
      owner.token,
    );
    expect(await predict(expiring.text("key"))).toBe(200);
    await scheduler.wait(800);
    expect(await predict(expiring.text("key"))).toBe(401);
  });
});
