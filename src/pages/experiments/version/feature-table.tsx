import type { Child } from "hono/jsx";
import { Badge } from "../../../ui/badge.tsx";
import { formatCount, formatNumber, formatPercent, plural } from "../../../lib/format.ts";
import { Histogram } from "../../../ui/histogram.tsx";
import { Table } from "../../../ui/table.tsx";
import type { CategoricalProfile, FeatureProfile, TextProfile } from "../../../experiments/training/profile.ts";
import type { UnreadableCells } from "../../../experiments/training/unreadable-cells.ts";
import type { NumberProfile } from "../../../experiments/training/profile-numeric.ts";

export const FEATURES_PER_PAGE = 50;

const CATEGORIES_NAMED = 4;
const CATEGORIES_DRAWN = 12;
const VALUE_CHARACTERS = 40;

interface FeatureTableProps {
  features: FeatureProfile[];
  /** By feature, the cells that could not be read. */
  unreadable: ReadonlyMap<string, UnreadableCells>;
}

/** Features with what they were in the training data. */
export function FeatureTable({ features, unreadable }: FeatureTableProps) {
  return (
    <Table
      caption="Features"
      rows={features}
      columns={[
        { key: "name", header: "Feature", primary: true, cell: ({ name }) => name },
        { key: "kind", header: "Kind", cell: ({ kind }) => <Badge>{kind}</Badge> },
        {
          key: "missing",
          header: "Missing",
          align: "end",
          cell: (feature) => missingText(feature, unreadable.get(feature.name)),
        },
        { key: "range", header: "Range or values", cell: rangeOf },
        { key: "typical", header: "Typical", cell: typicalOf },
        { key: "distribution", header: "Distribution", cell: (feature) => <Distribution feature={feature} /> },
      ]}
    />
  );
}

/** The bins of a histogram in words, as "20 to 30". */
export function binNames(edges: readonly number[]): string[] {
  return edges.slice(0, -1).map((edge, index) => `${formatNumber(edge)} to ${formatNumber(edges[index + 1] ?? edge)}`);
}

function missingText({ missing, rows }: FeatureProfile, unreadable: UnreadableCells | undefined): Child {
  if (missing === 0) return <span class="muted">0</span>;
  const shown = `${formatCount(missing)} (${formatPercent(missing / Math.max(1, rows))})`;
  if (!unreadable) return shown;
  return (
    <div>
      {shown}
      <span class="cell-note">
        {formatCount(unreadable.count)} unreadable, first “{shortened(unreadable.first.text)}” on line{" "}
        {formatCount(unreadable.first.line)}
      </span>
    </div>
  );
}

function rangeOf(feature: FeatureProfile): Child {
  switch (feature.kind) {
    case "numeric":
      return numberRange(feature);
    case "text": {
      const lengths = numberRange(feature.length);
      return lengths === "–" ? lengths : `${lengths} characters`;
    }
    default:
      return categoryList(feature.categories, feature.kind === "categorical" ? feature.others : 0);
  }
}

function numberRange({ min, max }: Pick<NumberProfile, "min" | "max">): string {
  if (min === null || max === null) return "–";
  return min === max ? `only ${formatNumber(min)}` : `${formatNumber(min)} to ${formatNumber(max)}`;
}

function categoryList(categories: CategoricalProfile["categories"], others: number): Child {
  const count = categories.length + others;
  const named = categories.slice(0, CATEGORIES_NAMED).map(({ value }) => shortened(value));
  return (
    <div>
      {plural(count, "category", "categories")}
      <span class="cell-note">{count > named.length ? `${named.join(", ")}, …` : named.join(", ")}</span>
    </div>
  );
}

function typicalOf(feature: FeatureProfile): Child {
  if (feature.kind === "numeric") return medianOf(feature) === null ? "–" : `median ${medianOf(feature)}`;
  if (feature.kind === "text") {
    const median = medianOf(feature.length);
    return median === null ? "–" : `median ${median} characters`;
  }
  const [first] = feature.categories;
  return first ? `mostly ${shortened(first.value)}` : "–";
}

function medianOf({ quantiles }: Pick<NumberProfile, "quantiles">): string | null {
  return quantiles && formatNumber(quantiles.p50);
}

function Distribution({ feature }: { feature: FeatureProfile }) {
  const bars = barsOf(feature);
  if (bars === null) return <span class="muted small">not monitored: past 500 features</span>;
  if (bars.counts.length === 0) return <span class="muted">–</span>;
  return (
    <Histogram
      label={feature.name}
      series={[{ label: "Training rows", tone: "reference", counts: bars.counts }]}
      bins={bars.names}
    />
  );
}

interface Bars {
  counts: number[];
  names: string[];
}

function barsOf(feature: FeatureProfile): Bars | null {
  if (feature.kind === "numeric") return numberBars(feature);
  if (feature.kind === "text") return numberBars((feature satisfies TextProfile).length);
  const drawn = feature.categories.slice(0, CATEGORIES_DRAWN);
  const rest = feature.categories.slice(CATEGORIES_DRAWN);
  const unlisted = feature.kind === "categorical" ? feature.other : 0;
  const other = rest.reduce((sum, { count }) => sum + count, unlisted);
  const bars = [
    ...drawn.map(({ value, count }) => ({ name: shortened(value), count })),
    ...(other > 0 ? [{ name: "all others", count: other }] : []),
  ];
  return { counts: bars.map(({ count }) => count), names: bars.map(({ name }) => name) };
}

function numberBars({ display }: Pick<NumberProfile, "display">): Bars | null {
  return display && { counts: display.counts, names: binNames(display.edges) };
}

function shortened(value: string): string {
  return value.length <= VALUE_CHARACTERS ? value : `${value.slice(0, VALUE_CHARACTERS - 1)}…`;
}
