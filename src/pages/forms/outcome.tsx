import type { Child } from "hono/jsx";
import type { PredictionJson } from "../../inference/call/predict.ts";
import type { Warning } from "../../inference/spec/coerce-rows.ts";
import type { Task } from "../../engine/serving-plan.ts";
import { type BarItem, BarList } from "../../ui/bar-list.tsx";
import { Callout } from "../../ui/callout.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { formatNumber, formatPercent } from "../../lib/format.ts";
import { KeyValues } from "../../ui/key-values.tsx";
import { Result } from "../../ui/result.tsx";

/** What stands beside the form: nothing yet, an answer, or why there is none. `isReply`: it answers a form that was sent. */
export type Outcome =
  | { kind: "none" }
  | { kind: "invalid" }
  | { kind: "answer"; answer: PredictionJson; task: Task }
  | { kind: "notice"; level: "warning" | "error" | "info"; title: string; message: string; isReply: boolean };

/** Bars beyond these fold away: with a hundred classes the likeliest are what one looks for. */
const BARS_SHOWN = 8;

/** `labelOf` gives a feature's label for its name. What has just come takes the focus, so that a phone scrolls to it. */
export function OutcomePanel({ outcome, labelOf }: { outcome: Outcome; labelOf: (name: string) => string }) {
  switch (outcome.kind) {
    case "none":
      return (
        <Card>
          <EmptyState title="No prediction yet">
            Fill in the form and press Predict. The answer appears here.
          </EmptyState>
        </Card>
      );
    case "invalid":
      return (
        <Card>
          <EmptyState title="Nothing was predicted">Correct what is marked in the form and send it again.</EmptyState>
        </Card>
      );
    case "notice":
      return (
        <div tabindex={-1} autofocus={outcome.isReply}>
          <Callout level={outcome.level} title={outcome.title} live={outcome.isReply}>
            {outcome.message}
          </Callout>
        </div>
      );
    case "answer":
      return (
        <div class="stack" tabindex={-1} autofocus>
          <Card>
            <Answer answer={outcome.answer} task={outcome.task} />
          </Card>
          <Warnings warnings={outcome.answer.warnings} labelOf={labelOf} />
        </div>
      );
  }
}

type Value = PredictionJson["prediction"];

function Answer({ answer, task }: { answer: PredictionJson; task: Task }) {
  const { prediction, probabilities, extra } = answer;
  // What nearly all detectors of anomalies mean by these labels; of others nothing is known.
  const isAnomaly = task === "anomaly_detection" && (prediction === "-1" || prediction === "1");
  return (
    <Result
      label="Prediction"
      value={<ShownValue value={prediction} />}
      detail={
        <>
          <p>Answered by version {answer.version}</p>
          <p>
            <span>Prediction id </span>
            <code>{answer.prediction_id}</code>
          </p>
        </>
      }
    >
      {(isAnomaly || probabilities || extra) && (
        <div class="stack">
          {isAnomaly && <p class="muted">By the usual convention, -1 is an anomaly and 1 is not.</p>}
          {probabilities && <Probabilities probabilities={probabilities} prediction={prediction} />}
          {extra && (
            <KeyValues
              items={Object.entries(extra).map(([label, value]) => ({ label, value: <ShownValue value={value} /> }))}
            />
          )}
        </div>
      )}
    </Result>
  );
}

/** A value for people; the whole of it stands in `data` for programs. */
function ShownValue({ value }: { value: Value }): Child {
  if (value === null) return "No answer";
  if (Array.isArray(value)) {
    return value.map((part, index) => (
      <>
        {index > 0 && ", "}
        <ShownValue value={part} />
      </>
    ));
  }
  if (typeof value === "number") return <data value={String(value)}>{formatNumber(value, 6)}</data>;
  return String(value);
}

function Probabilities({
  probabilities,
  prediction,
}: {
  probabilities: Record<string, number | null>;
  prediction: Value;
}) {
  const items = Object.entries(probabilities)
    .toSorted(([, one], [, other]) => (other ?? -1) - (one ?? -1))
    .map(([label, share]): BarItem => ({
      label,
      share: share ?? 0,
      text: share === null ? "no number" : formatPercent(share),
      emphasized: label === prediction,
    }));
  const rest = items.slice(BARS_SHOWN);
  return (
    <div class="stack">
      <BarList label="Probability of each class" items={items.slice(0, BARS_SHOWN)} />
      {rest.length > 0 && (
        <details>
          <summary class="small muted">{rest.length === 1 ? "1 more class" : `${rest.length} more classes`}</summary>
          <BarList label="Probability of the other classes" items={rest} />
        </details>
      )}
    </div>
  );
}

function Warnings({ warnings, labelOf }: { warnings: readonly Warning[]; labelOf: (name: string) => string }) {
  if (warnings.length === 0) return null;
  return (
    <Callout level="warning" title="Warnings">
      <ul class="callout-list">
        {warnings.map(({ feature, message }) => (
          <li>{feature === "" ? sentence(message) : `${labelOf(feature)}: ${message}.`}</li>
        ))}
      </ul>
    </Callout>
  );
}

/** A message of the API as a sentence of its own. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
