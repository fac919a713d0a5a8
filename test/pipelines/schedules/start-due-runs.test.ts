import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { runCron } from "../../../src/cron.ts";
import { database } from "../../../src/db.ts";
import { startDueRuns } from "../../../src/pipelines/schedules/start-due-runs.ts";
import { deployModel, expectStatus, type TestDeployment } from "../../support/deployment.ts";
import { callApi, startInstance } from "../../support/instance.ts";
import { timesModel } from "../../support/models.ts";
import { addConnection, addPipeline, rowsOf } from "../pipeline-fixtures.ts";
import { Workflows } from "../workflows.ts";

const DAILY = { cron: "0 6 * * *", timezone: "Europe/Paris" };

let deployment: TestDeployment;
let workflows: Workflows;
let hook: string;

beforeAll(async () => {
  await startInstance();
  deployment = await deployModel({ csv: "amount\n1\n2\n", model: timesModel(2), name: "Churn" });
  hook = await addConnection(deployment.owner, deployment.project, "http");
});

beforeEach(async () => {
  await env.DB.batch(["deliveries", "runs", "pipelines"].map((table) => env.DB.prepare(`delete from ${table}`)));
  workflows = new Workflows();
});

/** A pipeline whose next slot is told: the clock of these tests is not that of the machine. */
async function due(schedule: Record<string, unknown>, nextSlot: string, wanted: Record<string, unknown> = {}) {
  const id = await addPipeline(deployment, { schedule, ...wanted });
  await env.DB.prepare('update pipelines set "nextSlot" = ? where id = ?').bind(Date.parse(nextSlot), id).run();
  return id;
}

function tick(at: string): Promise<void> {
  return startDueRuns(workflows.env, database(env), Date.parse(at));
}

const time = (ms: unknown): string | null => (typeof ms === "number" ? new Date(ms).toISOString().slice(0, 16) : null);

/** A tick after which all runs end at once. */
async function tickAndEnd(at: string): Promise<void> {
  await tick(at);
  await env.DB.prepare("update runs set state = 'succeeded' where state = 'queued'").run();
}

/** State and slot of each run, by its slot. */
async function runs(): Promise<string[]> {
  return (await rowsOf("runs")).map((row) => `${String(row["state"])} ${time(row["slot"])}`).toSorted();
}

async function nextSlot(id: string): Promise<string | null> {
  return time((await rowsOf("pipelines")).find((row) => row["id"] === id)?.["nextSlot"]);
}

describe("a tick of the clock", () => {
  it("starts what is due, with its deliveries, and moves the slot on", async () => {
    const id = await due(DAILY, "2026-05-04T04:00Z", { destinations: [{ connection_id: hook }] });
    await tick("2026-05-04T03:59:59Z");
    expect(await rowsOf("runs")).toEqual([]);
    await tick("2026-05-04T04:00Z");
    const [run, ...others] = await rowsOf("runs");
    expect(others).toEqual([]);
    expect(run).toMatchObject({
      pipelineId: id,
      deploymentId: deployment.id,
      trigger: "schedule",
      slot: Date.parse("2026-05-04T04:00Z"),
      state: "queued",
      attempt: 1,
      rowsDone: 0,
      createdAt: Date.parse("2026-05-04T04:00Z"),
      finishedAt: null,
    });
    expect(await rowsOf("deliveries")).toMatchObject([
      { runId: run?.["id"], position: 0, connectionId: hook, state: "pending" },
    ]);
    expect(workflows.started).toEqual([`${String(run?.["id"])}-1`]);
    expect(await nextSlot(id)).toBe("2026-05-05T04:00");
  });

  it("that comes twice, or at the same time as another, starts one run", async () => {
    await due(DAILY, "2026-05-04T04:00Z", { destinations: [{ connection_id: hook }] });
    await Promise.all([tick("2026-05-04T04:00Z"), tick("2026-05-04T04:00:01Z"), tick("2026-05-04T04:00:02Z")]);
    await tick("2026-05-04T04:00:30Z");
    expect(await runs()).toEqual(["queued 2026-05-04T04:00"]);
    expect(await rowsOf("deliveries")).toHaveLength(1);
    expect(workflows.started).toHaveLength(1);
  });

  it("that is late by hours starts the newest slot of those that were missed", async () => {
    const id = await due({ cron: "0 * * * *", timezone: "UTC" }, "2026-05-04T04:00Z");
    await tick("2026-05-04T07:20Z");
    expect(await runs()).toEqual([
      "queued 2026-05-04T07:00",
      "skipped 2026-05-04T04:00",
      "skipped 2026-05-04T05:00",
      "skipped 2026-05-04T06:00",
    ]);
    expect(workflows.started).toHaveLength(1);
    expect(await nextSlot(id)).toBe("2026-05-04T08:00");
  });

  it("after days of pause tells of the newest 100 slots that were skipped", async () => {
    const id = await due({ cron: "*/5 * * * *", timezone: "UTC" }, "2026-05-01T00:00Z");
    await tick("2026-05-04T00:01Z");
    const found = await runs();
    expect(found.filter((run) => run.startsWith("queued"))).toEqual(["queued 2026-05-04T00:00"]);
    // 100 slots, five minutes apart, before that one: from 500 minutes before it.
    expect(found.filter((run) => run.startsWith("skipped"))).toHaveLength(100);
    expect(found.find((run) => run.startsWith("skipped"))).toBe("skipped 2026-05-03T15:40");
    const listed = await callApi("GET", `/api/v1/pipelines/${id}/runs?limit=3`, undefined, deployment.owner.token);
    expect(listed.each("slot")).toEqual([
      "2026-05-04T00:00:00.000Z",
      "2026-05-03T23:55:00.000Z",
      "2026-05-03T23:50:00.000Z",
    ]);
    expect(listed.at("items.1")).toMatchObject({ state: "skipped", finished_at: "2026-05-04T00:01:00.000Z" });
  });

  // In Paris the clock goes from 2:00 to 3:00 on 29 March 2026, and from 3:00 back to 2:00 on 25 October 2026.
  it("starts a time that the clock on the wall jumps over once, and one that comes twice once", async () => {
    const schedule = { cron: "30 2 * * *", timezone: "Europe/Paris" };
    const id = await due(schedule, "2026-03-29T01:00Z");
    for (const at of ["00:59", "01:00", "01:30", "02:30"]) await tick(`2026-03-29T${at}Z`);
    expect([await runs(), await nextSlot(id)]).toEqual([["queued 2026-03-29T01:00"], "2026-03-30T00:30"]);
    await env.DB.prepare('update pipelines set "nextSlot" = ?').bind(Date.parse("2026-10-25T00:30Z")).run();
    for (const at of ["00:29", "00:30", "01:30", "02:30"]) await tick(`2026-10-25T${at}Z`);
    expect([await runs(), await nextSlot(id)]).toEqual([
      ["queued 2026-03-29T01:00", "queued 2026-10-25T00:30"],
      "2026-10-26T01:30",
    ]);
  });

  it("starts each of several times of a day once, on the days of the changes too", async () => {
    // From 2:00 to 3:00 on 28 March 2027, and from 3:00 back to 2:00 on 31 October 2027.
    const id = await due({ cron: "30 2,14 * * *", timezone: "Europe/Paris" }, "2027-03-27T13:30Z");
    for (const at of ["27T13:30", "28T00:59", "28T01:00", "28T01:30", "28T12:30"]) await tickAndEnd(`2027-03-${at}Z`);
    expect(await runs()).toEqual([
      "succeeded 2027-03-27T13:30",
      "succeeded 2027-03-28T01:00",
      "succeeded 2027-03-28T12:30",
    ]);
    await env.DB.prepare('update pipelines set "nextSlot" = ?').bind(Date.parse("2027-10-31T00:30Z")).run();
    for (const at of ["31T00:30", "31T01:30", "31T13:30"]) await tickAndEnd(`2027-10-${at}Z`);
    expect((await runs()).slice(3)).toEqual(["succeeded 2027-10-31T00:30", "succeeded 2027-10-31T13:30"]);
    expect(await nextSlot(id)).toBe("2027-11-01T01:30");
  });

  it("starts nothing before a period and nothing after it", async () => {
    const bounds = { starts_at: "2041-05-03T00:00:00Z", ends_at: "2041-05-04T12:00:00Z" };
    const id = await addPipeline(deployment, { schedule: { ...DAILY, ...bounds } });
    expect(await nextSlot(id)).toBe("2041-05-03T04:00");
    for (const at of ["02T04:00", "03T04:00", "04T04:00", "05T04:00", "06T04:00"]) await tick(`2041-05-${at}Z`);
    expect(await runs()).toEqual(["queued 2041-05-03T04:00", "queued 2041-05-04T04:00"]);
    expect(await nextSlot(id)).toBeNull();
  });

  it("starts nothing of what is disabled, deleted, or without its deployment", async () => {
    const { owner } = deployment;
    const gone = await deployModel({ csv: "amount\n1\n", model: timesModel(2), name: "Gone", owner });
    await addPipeline(gone, { schedule: DAILY });
    await due(DAILY, "2026-05-04T04:00Z", { enabled: false });
    const deleted = await due(DAILY, "2026-05-04T04:00Z");
    expectStatus(await callApi("DELETE", `/api/v1/pipelines/${deleted}`, undefined, owner.token), 204);
    expectStatus(await callApi("DELETE", gone.path, undefined, owner.token), 204);
    await env.DB.prepare('update pipelines set "nextSlot" = 1').run();
    await tick("2026-05-04T04:00Z");
    expect(await rowsOf("runs")).toEqual([]);
    expect(workflows.started).toEqual([]);
  });

  it("starts the others when one is broken", async () => {
    const complaint = vi.spyOn(console, "error").mockReturnValue();
    const [unreadable, senseless] = [await due(DAILY, "2026-05-04T03:00Z"), await due(DAILY, "2026-05-04T03:00Z")];
    const fine = await due(DAILY, "2026-05-04T04:00Z");
    const set = env.DB.prepare("update pipelines set schedule = ? where id = ?");
    await env.DB.batch([set.bind("{no json", unreadable), set.bind('{"cron":"no","timezone":"no"}', senseless)]);
    await tick("2026-05-04T04:00Z");
    expect((await rowsOf("runs")).map((row) => row["pipelineId"])).toEqual([fine]);
    expect(complaint).toHaveBeenCalledTimes(2);
    complaint.mockRestore();
  });

  it("leaves a run queued when its workflow does not start, and starts no second one for the slot", async () => {
    const complaint = vi.spyOn(console, "error").mockReturnValue();
    await due(DAILY, "2026-05-04T04:00Z");
    workflows.isBroken = true;
    await tick("2026-05-04T04:00Z");
    workflows.isBroken = false;
    await tick("2026-05-04T04:01Z");
    expect(await runs()).toEqual(["queued 2026-05-04T04:00"]);
    complaint.mockRestore();
  });

  it("waits for a run that takes longer than its slot, and of the slots that come meanwhile only the newest is left", async () => {
    const every = { cron: "*/5 * * * *", timezone: "UTC" };
    const id = await due(every, "2026-05-04T04:00Z", { destinations: [{ connection_id: hook }] });
    await tick("2026-05-04T04:00Z");
    await env.DB.prepare("update runs set state = 'running'").run();
    await tick("2026-05-04T04:05Z");
    expect(await runs()).toEqual(["queued 2026-05-04T04:05", "running 2026-05-04T04:00"]);
    expect(await rowsOf("deliveries")).toHaveLength(2);
    await tick("2026-05-04T04:10Z");
    expect(await runs()).toEqual(["queued 2026-05-04T04:10", "running 2026-05-04T04:00", "skipped 2026-05-04T04:05"]);
    expect(await rowsOf("deliveries")).toHaveLength(2);
    const [first] = await rowsOf("runs");
    expect([workflows.started, await nextSlot(id)]).toEqual([[`${String(first?.["id"])}-1`], "2026-05-04T04:15"]);

    await env.DB.prepare("update runs set state = 'succeeded' where state = 'running'").run();
    await runCron(workflows.env, Date.parse("2026-05-04T04:11Z"));
    const newest = (await rowsOf("runs")).find((row) => row["state"] === "queued");
    expect(workflows.started.slice(1)).toEqual([`${String(newest?.["id"])}-1`]);
  });

  it("is one of the jobs of the clock", async () => {
    await due({ cron: "0 6 * * *", timezone: "UTC" }, "2026-05-04T06:00Z");
    await runCron(workflows.env, Date.parse("2026-05-04T06:00Z"));
    expect(await runs()).toEqual(["queued 2026-05-04T06:00"]);
  });
});
