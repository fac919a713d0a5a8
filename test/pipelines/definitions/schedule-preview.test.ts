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
    expect((await ask({ ...typed, ends_at: "2037-01-01T00:00:00Z" })).at("next_runs")).toHaveLength(2);
    expect(await refusedPaths(await ask({ cron: "0 12 31 2 *", timezone: "UTC" }))).toEqual([422, "schedule.cron"]);
    expect((await ask({ cron: "0 12 * * *" })).status).toBe(422);
  });
});
