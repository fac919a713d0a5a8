import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Answer } from "../support/answer.ts";
import {
  addModel,
  deployModel,
  eventually,
  expectStatus,
  predictOne,
  readAs,
  type TestDeployment,
} from "../support/deployment.ts";
import { callApi, createUser, startInstance, type TestUser } from "../support/instance.ts";
import { sumModel, tableModel, timesModel } from "../support/models.ts";

/** Amounts 0 to 39, sizes the same. */
const CSV = ["amount,size", ...Array.from({ length: 40 }, (_, row) => `${row},${row}`)].join("\n");

let owner: TestUser;
let doubled: TestDeployment;
/** Models of the same experiment version. */
let tripled: string;
let summed: string;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
});

beforeEach(async () => {
  doubled = await deployModel({
    csv: CSV,
    model: timesModel(2),
    challenger: { model: tableModel(Array.from({ length: 40 }, (_, amount) => amount * 5)) },
    owner,
  });
  tripled = await addModel(owner, doubled.experiment, 1, { file: timesModel(3), name: "tripled" });
  const mapping = { inputs: { x: ["amount", "size"] } };
  summed = await addModel(owner, doubled.experiment, 1, { file: sumModel(2), name: "summed", mapping });
});

function addVersion(main: string, more: Record<string, unknown> = {}, token = owner.token): Promise<Answer> {
  return callApi("POST", `${doubled.path}/versions`, { main: { version: 1, model_id: main }, ...more }, token);
}

function rollBack(number: number | string, token = owner.token): Promise<Answer> {
  return callApi("POST", `${doubled.path}/versions/${number}/rollback`, {}, token);
}

function promote(body: Record<string, unknown> = {}): Promise<Answer> {
  return callApi("POST", `${doubled.path}/promote`, body, owner.token);
}

async function answered(amount = 7): Promise<[unknown, unknown]> {
  const answer = expectStatus(await predictOne(doubled, { amount }), 200);
  return [answer.at("version"), answer.at("prediction")];
}

function host(version: number) {
  return env.DEPLOYMENT_HOST.getByName(`${doubled.id}/${version}/local/0`);
}

async function versionNumbers(): Promise<unknown[]> {
  return (await readAs(owner, `${doubled.path}/versions`)).each("number");
}

describe("a new version", () => {
  it("answers every call that begins after it was answered, under the same address and key", async () => {
    expect(await answered()).toEqual([1, 14]);
    const added = await addVersion(tripled, { note: "Trained in November" });
    expect(added.status).toBe(201);
    expect([added.at("number"), added.at("current"), added.at("note"), added.at("main.model_id")]).toEqual([
      2,
      true,
      "Trained in November",
      tripled,
    ]);
    expect(added.at("challenger")).toBeNull();
    expect(await answered()).toEqual([2, 21]);
    const deployment = await readAs(owner, doubled.path);
    expect([deployment.at("current_version"), deployment.at("main.model_name"), deployment.at("challenger")]).toEqual([
      2,
      "tripled",
      null,
    ]);
  });

  it("keeps the records of the old one, each with the version that answered", async () => {
    await answered(3);
    await addVersion(tripled);
    await answered(4);
    const records = await readAs(owner, `${doubled.path}/predictions`);
    expect(records.each("version")).toEqual([2, 1]);
    expect(records.each("main.prediction")).toEqual([12, 6]);
    const old = await readAs(owner, `${doubled.path}/predictions?version=1`);
    expect(old.each("features.amount")).toEqual([3]);
  });

  it("may change the challenger alone", async () => {
    const challenger = { version: 1, model_id: tripled };
    expect((await addVersion(doubled.mainId, { challenger })).status).toBe(201);
    expect(await answered()).toEqual([2, 14]);
    const record = await eventually(
      () => readAs(owner, `${doubled.path}/predictions?version=2`),
      (answer) => answer.at("items.0.challenger.state") === "ok",
    );
    expect(record.at("items.0.challenger.prediction")).toBe(21);
  });

  it("whose main model needs further features is a 409 that names them, unless that is allowed", async () => {
    const refused = await addVersion(summed);
    expect([refused.status, refused.at("code")]).toEqual([409, "conflict"]);
    expect(refused.text("detail")).toContain("size");
    expect(await answered()).toEqual([1, 14]);
    expect(await versionNumbers()).toEqual([1]);
    expect((await addVersion(summed, { allow_schema_change: true })).status).toBe(201);
    const answer = await predictOne(doubled, { amount: 2, size: 3 });
    expect([answer.at("version"), answer.at("prediction")]).toEqual([2, 5]);
  });

  it("whose model does not load is a 422 with the reason, and the old version goes on", async () => {
    // One that no other test has loaded: what is in memory needs no file.
    const broken = await addModel(owner, doubled.experiment, 1, { file: timesModel(11), name: "broken" });
    await env.STORE.put(`models/${broken}/serving.onnx`, "something else");
    const refused = await addVersion(broken);
    expect([refused.status, refused.at("code")]).toEqual([422, "model_load"]);
    expect(refused.text("detail")).toContain("main model");
    const challenged = await addVersion(doubled.mainId, { challenger: { version: 1, model_id: broken } });
    expect([challenged.status, challenged.at("code")]).toEqual([422, "model_load"]);
    expect(challenged.text("detail")).toContain("challenger");
    expect(await answered()).toEqual([1, 14]);
    expect(await versionNumbers()).toEqual([1]);
    const hosts = await env.DB.prepare(`select count(*) as count from deployment_hosts where "deploymentId" = ?`)
      .bind(doubled.id)
      .first("count");
    expect(hosts).toBe(1);
  });

  it("of a model of another experiment, or of none, is a 422 at its field", async () => {
    const other = await deployModel({ csv: CSV, model: timesModel(9), owner });
    for (const main of [other.mainId, "mdl_none"]) {
      const refused = await addVersion(main);
      expect([refused.status, refused.at("errors.0.path")]).toEqual([422, "main.model_id"]);
    }
  });

  it("is for contributors: other members of the instance do not learn that the deployment exists", async () => {
    const stranger = await createUser();
    expect((await addVersion(tripled, {}, stranger.token)).status).toBe(404);
    expect((await rollBack(1, stranger.token)).status).toBe(404);
    expect((await addVersion(tripled, {}, doubled.key)).status).toBe(403);
  });
});

describe("the versions", () => {
  it("come page by page, the highest number first, whatever their times, and are refused for a limit that is none", async () => {
    await addVersion(tripled);
    await addVersion(summed, { allow_schema_change: true });
    await env.DB.prepare(`update deployment_versions set "createdAt" = 10 - number where "deploymentId" = ?`)
      .bind(doubled.id)
      .run();
    const first = await readAs(owner, `${doubled.path}/versions?limit=2`);
    expect([first.each("number"), first.each("main.model_name")]).toEqual([
      [3, 2],
      ["summed", "tripled"],
    ]);
    const cursor = encodeURIComponent(first.text("next_cursor"));
    const rest = await readAs(owner, `${doubled.path}/versions?limit=2&cursor=${cursor}`);
    expect([rest.each("number"), rest.at("next_cursor")]).toEqual([[1], null]);
    const all = await readAs(owner, `${doubled.path}/versions`);
    expect([all.each("number"), all.at("next_cursor")]).toEqual([[3, 2, 1], null]);
    const refused = await readAs(owner, `${doubled.path}/versions?limit=abc`);
    expect([refused.status, refused.at("errors.0.path")]).toEqual([422, "limit"]);
  });
});

describe("two switches at once", () => {
  it("have one winner; the others get 409 and leave nothing behind", async () => {
    await answered();
    const answers = await Promise.all([addVersion(tripled), addVersion(tripled), addVersion(tripled)]);
    const statuses = answers.map(({ status }) => status);
    // Who began after another had ended won too, which is no conflict.
    expect(statuses).toContain(201);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    const won = statuses.filter((status) => status === 201).length;
    expect(await versionNumbers()).toHaveLength(1 + won);
    const current = (await readAs(owner, doubled.path)).at("current_version");
    expect(await answered()).toEqual([current, 21]);
  });
});

describe("a rollback", () => {
  it("makes an older version answer again, and a newer one after it", async () => {
    await addVersion(tripled);
    const back = await rollBack(1);
    expect([back.status, back.at("current_version")]).toEqual([200, 1]);
    expect(await answered()).toEqual([1, 14]);
    expect((await rollBack(2)).at("current_version")).toBe(2);
    expect(await answered()).toEqual([2, 21]);
  });

  it("to the current version changes nothing, to one that there is not is a 404", async () => {
    expect((await rollBack(1)).at("current_version")).toBe(1);
    expect((await rollBack(7)).status).toBe(404);
    expect((await rollBack("first")).status).toBe(422);
  });
});

describe("a promotion", () => {
  it("swaps main and challenger as a new version", async () => {
    const promoted = await promote();
    expect(promoted.status).toBe(201);
    expect([promoted.at("main.model_id"), promoted.at("challenger.model_id")]).toEqual([
      doubled.challengerId,
      doubled.mainId,
    ]);
    expect(await answered()).toEqual([2, 35]);
  });

  it("without a challenger is a 409", async () => {
    await addVersion(tripled);
    const refused = await promote();
    expect([refused.status, refused.at("code")]).toEqual([409, "conflict"]);
  });
});

describe("a host whose version is not current any more", () => {
  it("answers that the version has moved, and records nothing", async () => {
    await answered();
    await addVersion(tripled);
    const before = (await readAs(owner, `${doubled.path}/predictions?version=1`)).each("at").length;
    const answer = await host(1).predict("[[1,1,[],0]]", Float64Array.of(7));
    expect(JSON.parse(answer)).toEqual([{ kind: "moved" }]);
    expect((await readAs(owner, `${doubled.path}/predictions?version=1`)).each("at")).toHaveLength(before);
  });

  it("that starts only then answers so as well", async () => {
    await addVersion(tripled);
    const late = env.DEPLOYMENT_HOST.getByName(`${doubled.id}/1/weur/0`);
    expect(JSON.parse(await late.predict("[[1,1,[],0]]", Float64Array.of(7)))).toEqual([{ kind: "moved" }]);
  });
});

describe("the audit log", () => {
  it("says who switched from which version to which", async () => {
    await addVersion(tripled, { note: "better" });
    await rollBack(1);
    const { results } = await env.DB.prepare(
      `select "action", "actorId", "before", "after" from audit_entries where "objectId" = ? and "action" <> 'deployment.create' order by "at"`,
    )
      .bind(doubled.id)
      .all<{ action: string; actorId: string; before: string; after: string }>();
    const switches = results.filter(({ action }) => ["deployment.add_version", "deployment.rollback"].includes(action));
    expect(
      switches.map(({ action, actorId, before, after }) => [action, actorId, JSON.parse(before), JSON.parse(after)]),
    ).toEqual([
      [
        "deployment.add_version",
        owner.id,
        { version: 1 },
        { version: 2, main: tripled, challenger: null, note: "better" },
      ],
      ["deployment.rollback", owner.id, { version: 2 }, { version: 1 }],
    ]);
  });
});
