import { describe, expect, it } from "vitest";
import { usePipelinesProject, asOwner, refusedPaths } from "./pipelines-project.ts";

usePipelinesProject();

describe("the preview of a schedule", () => {
  it("answers the next five slots, and what is wrong with what was typed", async () => {
    const ask = (query: Record<string, string>) =>
      asOwner("GET", `/api/v1/schedule?${new URLSearchParams(query).toString()}`);
    const typed = { cron: "0 12 29 2 *", timezone: "UTC", starts_at: "2031-01-01T00:00:00Z", ends_at: "" };
    // The leap years after 2031.
    expect((await ask(typed)).at("next_runs")).toEqual(
      [2032, 2036, 2040, 2044, 2048].map((year) => `${year}-02-29T12:00:00.000Z`),
    );
    // The clock goes from 2:00 to 3:00 on 28 March 2032, at 1:00 UTC.
    const spring = { cron: "0,30 2 28 3 *", timezone: "Europe/Paris", starts_at: "2032-01-01T00:00:00+01:00" };
    expect((await ask({ ...spring, ends_at: "2033-01-01T00:00:00Z" })).at("next_runs")).toEqual([
      "2032-03-28T01:00:00.000Z",
      "2032-03-28T01:30:00.000Z",
    ]);
    expect((await ask({ ...typed, ends_at: "2037-01-01T00:00:00Z" })).at("next_runs")).toHaveLength(2);
    expect(await refusedPaths(await ask({ cron: "0 12 31 2 *", timezone: "UTC" }))).toEqual([422, "schedule.cron"]);
    expect((await ask({ cron: "0 12 * * *" })).status).toBe(422);
  });
});
