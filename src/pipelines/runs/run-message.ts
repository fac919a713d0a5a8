import { oneLine, slackText } from "../../alerts/message-text.ts";
import type { OutgoingMessage } from "../../alerts/send-message.ts";
import { iso } from "../../lib/time.ts";
import type { Run } from "./queries.ts";

/** What is told of a run that has ended; `id` is the same on each attempt to tell it. */
export function runMessage(run: Run, origin: string, id: string, nowMs: number): OutgoingMessage {
  const { pipeline, deployment, state, rowsTotal, rowsDone, rowsFailed, errorCode, errorMessage } = run;
  const url = `${origin}/runs/${run.id}`;
  const headline = `${state === "succeeded" ? "Succeeded" : "Failed"}: ${pipeline.name} with ${deployment.name}`;
  const rows = rowsWords(run);
  const detail = errorMessage === null ? `${rows}.` : `${rows}. ${errorMessage}`;
  return {
    id,
    json: {
      // One line in the markup of Slack.
      text: `${slackText(`${headline}. ${detail}`)} ${url}`,
      event: "run",
      state,
      run: {
        id: run.id,
        trigger: run.trigger,
        slot: iso(run.slot),
        attempt: run.attempt,
        version: run.version,
        started_at: iso(run.startedAt),
        finished_at: iso(run.finishedAt),
      },
      pipeline: { id: pipeline.id, name: pipeline.name },
      deployment,
      rows_total: rowsTotal,
      rows_done: rowsDone,
      rows_failed: rowsFailed,
      error: errorCode === null ? null : { code: errorCode, message: errorMessage },
      at: iso(nowMs),
      url,
    },
    subject: oneLine(headline),
    text: [
      ...(errorMessage === null ? [] : [oneLine(errorMessage), ""]),
      `Pipeline:   ${oneLine(pipeline.name)}`,
      `Deployment: ${oneLine(deployment.name)}`,
      `State:      ${state}`,
      `Rows:       ${rows}`,
      `At:         ${iso(run.finishedAt ?? nowMs)}`,
      "",
      url,
      "",
    ].join("\n"),
  };
}

/** `4,950 of 5,000 rows predicted, 50 failed`. */
function rowsWords({ rowsTotal, rowsDone, rowsFailed }: Run): string {
  const number = (value: number) => value.toLocaleString("en");
  const of = rowsTotal === null ? "" : ` of ${number(rowsTotal)}`;
  // Those that failed are among those that are done.
  return `${number(Math.max(0, rowsDone - rowsFailed))}${of} rows predicted, ${number(rowsFailed)} failed`;
}
