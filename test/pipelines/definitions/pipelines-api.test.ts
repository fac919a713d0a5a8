import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { deployModel, expectStatus } from "../../support/deployment.ts";
import { callApi, ORIGIN } from "../../support/instance.ts";
import { timesModel } from "../../support/models.ts";
import { addConnection, addDataset, addPipeline, rowsOf, storeRun, URL_SOURCE } from "../pipeline-fixtures.ts";
import {
  CSV,
  HOOK,
  deployment,
  rivals,
  connections,
  dataset,
  path,
  usePipelinesProject,
  asOwner,
  member,
  body,
  create,
  refusedPaths,
} from "./pipelines-project.ts";

usePipelinesProject();

describe("a pipeline", () => {
  it("is made, and read back with what it will do", async () => {
    const table = { connection_id: connections.postgres, table: "sales.scores", mode: "upsert", key_columns: ["id"] };
    const object = { connection_id: connections.s3, key_pattern: "scores/{date}/{run}.parquet", format: "parquet" };
    const destinations = [table, object, { connection_id: connections.http }];
    // In Paris the clock goes from 2:00 to 3:00 on 30 March 2031, so that 2:30 comes at 3:00 that day.
    const schedule = { cron: "30 2 * * *", timezone: "Europe/Paris", starts_at: "2031-03-28T00:00:00.000Z" };
    const made = expectStatus(
      await create({
        deployment_id: deployment.slug,
        source: { kind: "dataset", dataset_id: dataset },
        destinations,
        schedule,
      }),
      201,
    );
    expect(made.body).toMatchObject({
      project_id: deployment.project,
      name: "Nightly scores",
      deployment_id: deployment.id,
      deployment: { id: deployment.id, slug: deployment.slug, name: "Churn" },
      source: { kind: "dataset", dataset_id: dataset },
      destinations,
      schedule,
      enabled: true,
      notify: null,
      signing_secret: null,
      stopped_reason: null,
      last_run: null,
      created_by: deployment.owner.id,
      next_runs: [
        "2031-03-28T01:30:00.000Z",
        "2031-03-29T01:30:00.000Z",
        "2031-03-30T01:00:00.000Z",
        "2031-03-31T00:30:00.000Z",
        "2031-04-01T00:30:00.000Z",
      ],
    });
    const { signing_secret: _, ...shown } = made.body as Record<string, unknown>;
    expect((await asOwner("GET", `/api/v1/pipelines/${made.text("id")}`)).body).toEqual(shown);
    expect((await asOwner("GET", path)).at("items")).toEqual([shown]);
    expect((await rowsOf("pipelines"))[0]).toMatchObject({
      nextSlot: Date.parse("2031-03-28T01:30:00Z"),
      origin: ORIGIN,
    });
  });

  it("without a schedule, or disabled, has no next runs", async () => {
    const daily = { cron: "0 6 * * *", timezone: "UTC" };
    for (const wanted of [{}, { schedule: null }, { schedule: daily, enabled: false }]) {
      const made = expectStatus(await create(wanted), 201);
      expect(made.at("next_runs")).toEqual([]);
    }
    expect((await rowsOf("pipelines")).map((row) => row["nextSlot"])).toEqual([null, null, null]);
  });

  it("says when its schedule begins and ends in UTC, however that was written", async () => {
    const period = { starts_at: "2037-01-01T00:00:00+02:00", ends_at: "2037-06-30T23:59:59.5-03:30" };
    const made = expectStatus(await create({ schedule: { cron: "0 6 * * *", timezone: "UTC", ...period } }), 201);
    const said = { starts_at: "2036-12-31T22:00:00.000Z", ends_at: "2037-07-01T03:29:59.500Z" };
    expect(made.at("schedule")).toEqual({ cron: "0 6 * * *", timezone: "UTC", ...said });
    expect((await asOwner("GET", `/api/v1/pipelines/${made.text("id")}`)).at("schedule")).toMatchObject(said);
    // As rows were written before.
    await env.DB.prepare("update pipelines set schedule = ?")
      .bind(JSON.stringify({ cron: "0 6 * * *", timezone: "UTC", ...period }))
      .run();
    expect((await asOwner("GET", `/api/v1/pipelines/${made.text("id")}`)).at("schedule")).toMatchObject(said);
  });

  it("takes each kind of source from its own project", async () => {
    for (const source of [
      { kind: "query", connection_id: connections.postgres, sql: "select * from customers" },
      { kind: "query", connection_id: connections.mysql, sql: "select * from customers" },
      { kind: "object", connection_id: connections.s3, key: "exports/*.csv" },
      URL_SOURCE,
    ])
      expect((await create({ source })).at("source")).toEqual(source);
  });

  it("tells its newest run", async () => {
    const id = (await create()).text("id");
    await storeRun(deployment, id, { state: "succeeded", createdAt: 1_000, startedAt: 2_000, finishedAt: 3_000 });
    const newest = await storeRun(deployment, id, { state: "running", createdAt: 4_000, startedAt: 5_000 });
    const at = "1970-01-01T00:00:05.000Z";
    expect((await asOwner("GET", path)).each("last_run")).toEqual([{ id: newest, state: "running", at }]);
  });

  it("says so when its deployment was deleted", async () => {
    const gone = await deployModel({ csv: CSV, model: timesModel(2), name: "Gone", owner: deployment.owner });
    const schedule = { cron: "0 6 * * *", timezone: "UTC" };
    const id = await addPipeline(gone, { schedule });
    expectStatus(await asOwner("DELETE", gone.path), 204);
    const read = await asOwner("GET", `/api/v1/pipelines/${id}`);
    expect(read.body).toMatchObject({ enabled: true, next_runs: [] });
    expect(read.text("stopped_reason")).toContain("deployment was deleted");
    expect((await asOwner("POST", `/api/v1/pipelines/${id}/runs`)).status).toBe(409);
    expect((await asOwner("PATCH", `/api/v1/pipelines/${id}`, { name: "Renamed" })).at("name")).toBe("Renamed");
  });

  it("is one of at most 100 in its project, however many come at once", async () => {
    const id = (await create()).text("id");
    const columns = ["projectId", "deploymentId", "name", "source", "destinations", "enabled", "createdBy", "createdAt"]
      .map((name) => `"${name}"`)
      .join(", ");
    const copies = Array.from({ length: 98 }, (_, index) =>
      env.DB.prepare(`insert into pipelines (id, ${columns}) select ?, ${columns} from pipelines where id = ?`).bind(
        `pip_${index}`,
        id,
      ),
    );
    await env.DB.batch(copies);
    const answers = await Promise.all([create(), create(), create()]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 422, 422]);
    expect(answers.find(({ status }) => status === 422)?.text("detail")).toContain("100 pipelines");
    expectStatus(await asOwner("DELETE", `/api/v1/pipelines/${id}`), 204);
    expect((await create()).status).toBe(201);
  });

  it("comes in pages, newest first", async () => {
    const ids: string[] = [];
    for (const name of ["One", "Two", "Three"]) ids.unshift((await create({ name })).text("id"));
    const first = await asOwner("GET", `${path}?limit=2`);
    const second = await asOwner("GET", `${path}?limit=2&cursor=${first.text("next_cursor")}`);
    expect([...first.each("id"), ...second.each("id"), second.at("next_cursor")]).toEqual([...ids, null]);
  });
});

describe("the challenger", () => {
  it("goes along where there is one, in a store by a file of its own", async () => {
    const { owner, project } = rivals;
    const store = await addConnection(owner, project, "s3");
    const wanted = (key_pattern: string) => ({
      name: "Rivals",
      deployment_id: rivals.id,
      source: URL_SOURCE,
      destinations: [{ connection_id: store, key_pattern, format: "csv", challenger: true }],
    });
    const address = `/api/v1/projects/${project}/pipelines`;
    expect(await refusedPaths(await asOwner("POST", address, wanted("{date}.csv")))).toEqual([
      422,
      "destinations[0].key_pattern",
    ]);
    const made = expectStatus(await asOwner("POST", address, wanted("{date}/{model}.csv")), 201);
    expect(made.at("destinations.0.challenger")).toBe(true);
  });
});

describe("a change", () => {
  const daily = { cron: "0 6 * * *", timezone: "UTC" };
  const slot = async () => (await rowsOf("pipelines"))[0]?.["nextSlot"];

  it("leaves what is not given, and the next slot where neither schedule nor enabled changes", async () => {
    const id = (await create({ schedule: daily })).text("id");
    await env.DB.prepare('update pipelines set "nextSlot" = 12345').run();
    const changed = await asOwner("PATCH", `/api/v1/pipelines/${id}`, {
      name: "Renamed",
      schedule: daily,
      enabled: true,
    });
    expect(changed.body).toMatchObject({ name: "Renamed", schedule: daily, source: URL_SOURCE, enabled: true });
    expect(await slot()).toBe(12345);
  });

  it("of schedule or enabled sets the next slot anew", async () => {
    const id = (await create({ schedule: daily })).text("id");
    const change = async (wanted: unknown) =>
      expectStatus(await asOwner("PATCH", `/api/v1/pipelines/${id}`, wanted), 200);
    await change({ enabled: false });
    expect(await slot()).toBeNull();
    await change({ schedule: { cron: "0 0 1 1 *", timezone: "UTC", starts_at: "2040-06-01T00:00:00Z" } });
    expect(await slot()).toBeNull();
    await change({ enabled: true });
    expect(await slot()).toBe(Date.UTC(2041, 0, 1));
    expect((await change({ schedule: null })).body).toMatchObject({ schedule: null, next_runs: [] });
    expect(await slot()).toBeNull();
  });

  it("of a schedule that has ended since is refused while it is enabled; all else of it may change", async () => {
    const id = (await create({ schedule: daily })).text("id");
    const address = `/api/v1/pipelines/${id}`;
    const ended = { ...daily, ends_at: "2020-01-01T00:00:00.000Z" };
    expect(await refusedPaths(await asOwner("PATCH", address, { schedule: ended }))).toEqual([422, "schedule.ends_at"]);
    await env.DB.prepare('update pipelines set schedule = ?, "nextSlot" = null').bind(JSON.stringify(ended)).run();
    expect((await asOwner("PATCH", address, { name: "Renamed", schedule: ended })).at("name")).toBe("Renamed");
    expectStatus(await asOwner("PATCH", address, { enabled: false }), 200);
    expect(await refusedPaths(await asOwner("PATCH", address, { enabled: true }))).toEqual([422, "schedule.ends_at"]);
    expectStatus(await asOwner("PATCH", address, { enabled: true, schedule: daily }), 200);
  });

  it("is checked like a new pipeline, and changes nothing when it is refused", async () => {
    const id = (await create()).text("id");
    const before = await rowsOf("pipelines");
    for (const [wanted, refused] of [
      [{ source: { kind: "dataset", dataset_id: "dst_none" } }, "source.dataset_id"],
      [{ destinations: [{ connection_id: connections.s3 }] }, "destinations[0].key_pattern"],
      [{ schedule: { cron: "* * * *", timezone: "UTC" } }, "schedule.cron"],
      [{ deployment_id: rivals.id }, "deployment_id"],
      [{ enabled: "yes" }, "enabled"],
    ] as const)
      expect((await refusedPaths(await asOwner("PATCH", `/api/v1/pipelines/${id}`, wanted)))[1]).toBe(refused);
    expect(await rowsOf("pipelines")).toEqual(before);
  });

  it("to a deployment without a challenger is refused while a destination wants it", async () => {
    const { owner, project, experiment, mainId } = rivals;
    const alone = { name: "Alone", experiment_id: experiment, main: { version: 1, model_id: mainId } };
    const other = expectStatus(await asOwner("POST", `/api/v1/projects/${project}/deployments`, alone), 201).text("id");
    const destinations = [{ connection_id: await addConnection(owner, project, "http"), challenger: true }];
    const id = await addPipeline(rivals, { destinations });
    const moved = await asOwner("PATCH", `/api/v1/pipelines/${id}`, { deployment_id: other });
    expect(await refusedPaths(moved)).toEqual([422, "destinations[0].challenger"]);
    const both = { deployment_id: other, destinations: [] };
    expect((await asOwner("PATCH", `/api/v1/pipelines/${id}`, both)).at("deployment_id")).toBe(other);
  });

  it("is in the log with what has changed, and only when something has", async () => {
    const id = (await create()).text("id");
    const source = { kind: "url", url: "https://other.example.org/rows.csv?token=hush" };
    for (const wanted of [{ name: "Renamed", source }, { name: "Renamed" }, {}])
      expectStatus(await asOwner("PATCH", `/api/v1/pipelines/${id}`, wanted), 200);
    const entries = (await rowsOf("audit_entries")).filter((row) => row["objectId"] === id);
    expect(entries.map((row) => row["action"])).toEqual(["pipeline.create", "pipeline.update"]);
    expect(JSON.parse(String(entries[1]?.["after"]))).toEqual({ name: "Renamed", source: "file of other.example.org" });
    expect(JSON.stringify(entries)).not.toContain("hush");
  });
});

describe("deleting", () => {
  it("is for who made it and for admins, cancels its runs, and leaves them readable", async () => {
    const [author, other] = [await member("contributor"), await member("contributor")];
    const made = expectStatus(await callApi("POST", path, body({ notify: HOOK }), author.token), 201);
    const address = `/api/v1/pipelines/${made.text("id")}`;
    const running = await storeRun(deployment, made.text("id"), { state: "running", step: "delivering" }, [
      { state: "succeeded", rows: 2 },
      { state: "running" },
      { state: "pending" },
    ]);
    const done = await storeRun(deployment, made.text("id"), { state: "succeeded" });
    expect((await callApi("DELETE", address, undefined, other.token)).status).toBe(403);
    expect((await callApi("DELETE", address, undefined, author.token)).status).toBe(204);
    for (const method of ["GET", "DELETE", "PATCH"])
      expect((await asOwner(method, address, method === "PATCH" ? {} : undefined)).status).toBe(404);
    expect((await asOwner("GET", path)).at("items")).toEqual([]);
    const cancelled = await asOwner("GET", `/api/v1/runs/${running}`);
    expect(cancelled.body).toMatchObject({ state: "cancelled", step: null, finished_at: expect.any(String) });
    expect(cancelled.at("deliveries.0.state")).toBe("succeeded");
    expect(cancelled.at("deliveries.1")).toMatchObject({ state: "failed", error: { code: "cancelled" } });
    expect(cancelled.at("deliveries.2.state")).toBe("pending");
    expect((await asOwner("GET", `/api/v1/runs/${done}`)).at("state")).toBe("succeeded");
    expect((await asOwner("GET", `${deployment.path}/runs`)).each("id")).toHaveLength(2);
    const [row] = await rowsOf("pipelines");
    expect(row).toMatchObject({ nextSlot: null, sealedSecret: null, deletedAt: expect.any(Number) });
    const entries = (await rowsOf("audit_entries")).filter((entry) => entry["objectId"] === made.text("id"));
    expect(entries.map((entry) => entry["action"])).toEqual(["pipeline.create", "pipeline.delete"]);
    const byAdmin = expectStatus(await callApi("POST", path, body(), author.token), 201).text("id");
    expect((await asOwner("DELETE", `/api/v1/pipelines/${byAdmin}`)).status).toBe(204);
  });

  it("lets its connections and datasets be deleted", async () => {
    const { owner, project } = deployment;
    const [store, rows] = [await addConnection(owner, project, "s3"), await addDataset(owner, project)];
    const destinations = [{ connection_id: store, key_pattern: "a.csv", format: "csv" }];
    const id = await addPipeline(deployment, { source: { kind: "dataset", dataset_id: rows }, destinations });
    for (const used of [`connections/${store}`, `datasets/${rows}`])
      expect((await asOwner("DELETE", `/api/v1/${used}`)).status).toBe(409);
    expectStatus(await asOwner("DELETE", `/api/v1/pipelines/${id}`), 204);
    for (const used of [`connections/${store}`, `datasets/${rows}`])
      expect((await asOwner("DELETE", `/api/v1/${used}`)).status).toBe(204);
  });
});
