import { z } from "zod";
import { requireUser } from "../../access/authorize.ts";
import { type Api, endpoint, parseInput } from "../../endpoint.ts";
import { iso } from "../../lib/time.ts";
import type { Schedule } from "../schema.ts";
import { checkSchedule, nextSlots } from "./schedule.ts";

const NEXT_RUNS = 5;
/** Forms send an empty text for what was left out. */
const moment = z.union(
  [z.literal(""), z.iso.datetime({ offset: true })],
  "must be a time such as 2026-05-04T06:00:00Z.",
);

const typedSchedule = z.object({
  cron: z.string("Give a cron expression.").trim().max(200),
  timezone: z.string("Give a time zone.").trim().max(100),
  starts_at: moment.optional(),
  ends_at: moment.optional(),
});

const scheduleQuery = z.object({
  cron: z.string().optional().describe("Five fields, such as 0 6 * * 1"),
  timezone: z.string().optional().describe("Such as Europe/Paris"),
  starts_at: z.string().optional().describe("Such as 2026-05-04T06:00:00Z"),
  ends_at: z.string().optional(),
});

const preview = endpoint(
  {
    tag: "Pipelines",
    summary: "When a schedule would run",
    description: "For who is writing one; nothing is stored.",
    query: scheduleQuery,
    responses: {
      200: {
        description: "The next five slots; fewer where the schedule ends",
        schema: z.object({ next_runs: z.array(z.iso.datetime()) }),
      },
    },
  },
  async (c, { query }) => {
    // Who may not ask is not told how to.
    requireUser(c.var.caller);
    const typed = parseInput(typedSchedule, query);
    return c.json({ next_runs: previewSlots(typed, Date.now()).map((ms) => iso(ms)) });
  },
);

/** The next five slots of a schedule as it was typed, UTC ms. 422 as for one that is to be kept. */
export function previewSlots(typed: z.output<typeof typedSchedule>, nowMs: number): number[] {
  const { cron, timezone, starts_at: startsAt, ends_at: endsAt } = typed;
  const schedule: Schedule = {
    cron,
    timezone,
    ...(startsAt && { starts_at: startsAt }),
    ...(endsAt && { ends_at: endsAt }),
  };
  checkSchedule(schedule);
  return nextSlots(schedule, nowMs, NEXT_RUNS);
}

/** What helps who writes a schedule. */
export function mountScheduleApi(api: Api): void {
  api.get("/api/v1/schedule", preview);
}
