import { METHODS } from "../../../monitoring/drift/methods.ts";
import { StatusBadge } from "../../../ui/badge.tsx";
import { Card } from "../../../ui/card.tsx";
import { formatCount, formatNumber, formatPercent, plural } from "../../../lib/format.ts";
import { Sparkline } from "../../../ui/plain-chart.tsx";
import { type Column, Table } from "../../../ui/table.tsx";
import type { SeriesTone } from "../../../ui/tone.ts";
import { slotOf } from "../../../windows/tally.ts";
import { worstFirst } from "../../../monitoring/answer-drift.ts";
import { effectsOver, KIND_WORDS, thresholdLines } from "./view.ts";
import type { DriftPoint, FeatureDrift, PredictionDrift, ReportedDrift } from "../../../monitoring/drift-report.ts";
import { answersOver, driftParams, type DriftView, featureHref } from "../view.ts";
import { addressWith } from "../span-view.ts";
import { DRIFT_ROWS_MIN } from "../../../monitoring/drift/thresholds.ts";

/** More than these are listed only when asked for. */
const FEATURES_LISTED_MAX = 50;

interface Row {
  name: string;
  href: string;
  isFeature: boolean;
  note: string;
  drift: ReportedDrift;
  /** Counts; null where the column cannot have them. */
  missing: number | null;
  /** Of the missing, those that could not be read; null where nobody counted them. */
  invalid: number | null;
  unseen: number | null;
  outOfRange: number | null;
  effects: (number | null)[];
  tone: SeriesTone;
}

/** Every column beside its reference, the predictions of both models on top, then the features, the worst first. */
export function DriftNowCard({ view }: { view: DriftView }) {
  const { features } = view.report;
  const sorted = worstFirst(features);
  const shown = view.isWhole ? sorted : sorted.slice(0, FEATURES_LISTED_MAX);
  const hidden = sorted.length - shown.length;
  const rows = [...predictionRows(view), ...shown.map((feature) => featureRow(view, feature))];
  return (
    <Card
      title="Drift now"
      description="The whole time compared with the reference. Drift is a change that is beyond chance (p) and large (effect). Worst first: by state, then by effect over its threshold."
      flush
      footer={
        hidden > 0 && (
          <a href={addressWith(view.path, [...driftParams(view), ["all", "true"]])}>
            Show {plural(hidden, "further feature")}
          </a>
        )
      }
    >
      <Table caption="Drift of predictions and features, the worst first" rows={rows} columns={COLUMNS} />
    </Card>
  );
}

const COLUMNS: Column<Row>[] = [
  {
    key: "name",
    header: "Column",
    primary: true,
    cell: ({ name, href, isFeature, note }) => (
      <>
        <a href={isFeature ? `${href}#feature` : href} {...(isFeature && { ...FEATURE_LINK, "hx-get": href })}>
          {name}
        </a>
        <span class="cell-note">{note}</span>
      </>
    ),
  },
  {
    key: "state",
    header: "State",
    nowrap: true,
    cell: ({ drift: { state, n } }) =>
      state === "not_enough_data" ? (
        <StatusBadge status={state} detail={n < DRIFT_ROWS_MIN ? `(${n}/${DRIFT_ROWS_MIN})` : undefined} />
      ) : (
        <StatusBadge status={state} />
      ),
  },
  { key: "method", header: "Method", cell: ({ drift }) => <span class="small">{METHODS[drift.method].label}</span> },
  { key: "effect", header: "Effect", align: "end", cell: ({ drift }) => <Effect drift={drift} /> },
  {
    key: "over-time",
    header: "Over time",
    cell: ({ name, effects, tone }) =>
      effects.filter((value) => value !== null).length > 1 ? (
        <Sparkline label={`Effect of ${name} over time`} values={effects} tone={tone} />
      ) : (
        <span class="muted">–</span>
      ),
  },
  { key: "n", header: "Rows", align: "end", cell: ({ drift }) => drift.n.toLocaleString("en-US") },
  { key: "missing", header: "Missing", align: "end", cell: missingCell },
  { key: "unseen", header: "Unseen", align: "end", cell: (row) => share(row.unseen, row.drift.n) },
  { key: "outside", header: "Out of range", align: "end", cell: (row) => share(row.outOfRange, row.drift.n) },
];

/** With JavaScript the card of one feature is put in place, and the table stays where it is. */
const FEATURE_LINK = { "hx-target": "#feature", "hx-swap": "outerHTML show:top", "hx-push-url": "true" };

function Effect({ drift }: { drift: ReportedDrift }) {
  if (drift.state === "not_enough_data" || drift.effect === null) return <span class="muted">–</span>;
  return (
    <span>
      {formatNumber(drift.effect, 3)}
      {thresholdLines(drift).map((line) => (
        <span class="cell-note">{line}</span>
      ))}
    </span>
  );
}

function share(count: number | null, n: number) {
  if (count === null || n === 0) return <span class="muted">–</span>;
  if (count === 0) return <span class="muted">0</span>;
  return <span title={plural(count, "row")}>{formatPercent(count / n)}</span>;
}

function missingCell({ missing, invalid, drift: { n } }: Row) {
  if (invalid === null || invalid === 0) return share(missing, n);
  return (
    <>
      {share(missing, n)}
      <span class="cell-note">{formatCount(invalid)} unreadable</span>
    </>
  );
}

function featureRow(view: DriftView, feature: FeatureDrift): Row {
  const isCategories = feature.kind === "categorical" || feature.kind === "boolean";
  return {
    name: feature.name,
    href: featureHref(view, feature.name),
    isFeature: true,
    note: feature.reason ?? KIND_WORDS[feature.kind],
    drift: feature,
    missing: feature.missing,
    invalid: feature.invalid,
    unseen: isCategories || feature.unseen > 0 ? feature.unseen : null,
    outOfRange: isCategories ? null : feature.out_of_range,
    effects: effectsOver(view.points, ({ effects }) => effects.features[feature.name]),
    tone: "reference",
  };
}

function predictionRows(view: DriftView): Row[] {
  const { main, challenger } = view.report.prediction;
  const row = (
    role: "main" | "challenger",
    drift: PredictionDrift,
    read: (point: DriftPoint) => number | null,
  ): Row => {
    const counted = answersOver(view, role);
    const isCategories = counted?.column.binning.kind === "categories";
    const slot = (name: "missing" | "unseen" | "below" | "above") => (counted ? slotOf(counted.current, name) : 0);
    return {
      name: `Predictions of ${role}`,
      href: "#predictions",
      isFeature: false,
      note: drift.reason ?? referenceWords(drift, counted?.column.rows ?? 0),
      drift,
      missing: counted && slot("missing"),
      invalid: null,
      unseen: counted && isCategories ? slot("unseen") : null,
      outOfRange: counted && !isCategories ? slot("below") + slot("above") : null,
      effects: effectsOver(view.points, read),
      tone: role,
    };
  };
  return [
    row("main", main, ({ effects }) => effects.main),
    ...scoreRow("main", main),
    ...(challenger ? [row("challenger", challenger, ({ effects }) => effects.challenger)] : []),
    ...(challenger ? scoreRow("challenger", challenger) : []),
  ];
}

/** The class whose probability has moved most. */
function scoreRow(role: "main" | "challenger", { score }: PredictionDrift): Row[] {
  if (!score || score.class === null) return [];
  return [
    {
      name: `Probability of ${score.class}, ${role}`,
      href: "#predictions",
      isFeature: false,
      note: score.reason ?? "Of all classes, the one whose probability moved most",
      drift: score,
      missing: null,
      invalid: null,
      unseen: null,
      outOfRange: null,
      effects: [],
      tone: role,
    },
  ];
}

/** With which of its answers a model's are compared. */
export function referenceWords({ source }: PredictionDrift, rows: number): string {
  if (source === null || rows === 0) return "No answers to compare with";
  return source === "holdout"
    ? `Compared with its answers to ${plural(rows, "holdout row")}`
    : `Compared with its answers to ${plural(rows, "training row")} (seen in training)`;
}
