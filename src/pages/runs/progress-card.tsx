import { Card } from "../../ui/card.tsx";
import { Progress } from "../../ui/bar-list.tsx";
import { formatCount, formatDuration, formatNumber } from "../../lib/format.ts";
import { Stat, StatGrid } from "../../ui/stat.tsx";
import { Timestamp } from "../../ui/time.tsx";
import type { Run } from "../../pipelines/runs/queries.ts";
import { paceOf } from "../../pipelines/runs/run-json.ts";
import { durationText, rowsText, stepText } from "../../pipelines/runs/run-words.ts";

/** How far a run is that has not ended. */
export function RunProgressCard({ run, nowMs }: { run: Run; nowMs: number }) {
  const { rowsTotal, rowsDone, rowsFailed, startedAt, stepStartedAt } = run;
  const { rate, remaining_seconds: seconds } = paceOf(run, nowMs);
  // Of an empty source nothing is left to be done.
  const share = rowsTotal === null ? null : rowsTotal === 0 ? 1 : rowsDone / rowsTotal;
  return (
    <Card
      title={stepText(run)}
      description={<Since startedAt={startedAt} stepStartedAt={stepStartedAt} nowMs={nowMs} />}
    >
      <div class="stack">
        <Progress label="Rows done" share={share} text={rowsText(run)} />
        <StatGrid>
          <Stat label="Rows a second" value={rate === null ? "–" : formatNumber(rate, 3)} />
          <Stat label="Remaining" value={seconds === null ? "–" : formatDuration(seconds * 1_000)} />
          <Stat label="So far" value={durationText(run, nowMs) ?? "–"} />
          <Stat label="Failed rows" value={formatCount(rowsFailed)} />
        </StatGrid>
      </div>
    </Card>
  );
}

function Since({ startedAt, stepStartedAt, nowMs }: Pick<Run, "startedAt" | "stepStartedAt"> & { nowMs: number }) {
  if (startedAt === null) return <>Not started yet</>;
  return (
    <>
      Started <Timestamp atMs={startedAt} nowMs={nowMs} />
      {stepStartedAt !== null && (
        <>
          , this step <Timestamp atMs={stepStartedAt} nowMs={nowMs} />
        </>
      )}
    </>
  );
}
