import { Timestamp } from "../../ui/time.tsx";
import { wallClockText } from "../../pipelines/schedules/wall-clock.ts";

/** The next slots of a schedule: by the clock of its time zone, and how far away they are. */
export function NextRuns({ slots, timezone, nowMs }: { slots: number[]; timezone: string; nowMs: number }) {
  if (slots.length === 0) return <p class="muted">None: the schedule has ended.</p>;
  return (
    <>
      <ol class="next-runs">
        {slots.map((slot) => (
          <li>
            {wallClockText(slot, timezone)}{" "}
            <span class="muted">
              <Timestamp atMs={slot} nowMs={nowMs} />
            </span>
          </li>
        ))}
      </ol>
      <p class="muted small">By the clock of {timezone}.</p>
    </>
  );
}
