import { METHODS } from "../../../monitoring/drift/methods.ts";
import { StatusBadge } from "../../../ui/badge.tsx";
import { Button } from "../../../ui/button.tsx";
import { Card } from "../../../ui/card.tsx";
import { Chart } from "../../../ui/chart.tsx";
import { DistributionChart } from "../../../ui/distribution-chart.tsx";
import { plural } from "../../../lib/format.ts";
import { SelectField } from "../../../ui/forms.tsx";
import type { ReferenceColumn } from "../../../windows/reference-column.ts";
import { worstFirst } from "../../../monitoring/answer-drift.ts";
import { KIND_WORDS } from "./view.ts";
import type { FeatureDrift } from "../../../monitoring/drift-report.ts";
import { binsFor, distributionOf, newWordsOver, outsideOver, percentilesOver, sharesOver } from "./feature-view.ts";
import { driftParams, type DriftView, featureOver, possibleMethods } from "../view.ts";
import { addressWith } from "../span-view.ts";
import { DRIFT_ROWS_MIN } from "../../../monitoring/drift/thresholds.ts";

/** One feature: how it is distributed beside its reference, how that went over time, and by which method it is judged. */
export function FeatureCard({ view }: { view: DriftView }) {
  const [worst] = worstFirst(view.report.features);
  const name = view.asked[0] ?? worst?.name;
  const column = view.monitored.columns.find((one) => one.name === name);
  const drift = view.report.features.find((one) => one.name === name);
  if (!column || !drift) return null;
  const over = featureOver(view, column);
  const outside = outsideOver(column, over);
  const words = newWordsOver(column, over);
  const precision = view.chosen.span.bucket === "day" ? "date" : "minutes";
  const csv = addressWith(`${view.path}/distributions.csv`, [...driftParams(view), ["feature", column.name]]);
  const isCategories = column.binning.kind === "categories";
  return (
    <Card id="feature" title={column.name} description={summaryOf(drift)} actions={<DriftBadge drift={drift} />}>
      <div class="stack">
        <FeatureForm view={view} column={column} />
        {drift.reason !== null && <p>{drift.reason}</p>}
        <div class="chart-grid is-filled">
          <DistributionChart
            id="feature-distribution"
            title="Reference and now"
            bins={binsFor(column)}
            series={[
              distributionOf(column, column.tally, { label: "Reference", tone: "reference" }),
              distributionOf(column, over.current, { label: "Now", tone: "main" }),
            ]}
            csvHref={csv}
          />
          {!isCategories && (
            <Chart
              id="feature-percentiles"
              title={column.kind === "text" ? "Length over time, characters" : "Values over time"}
              precision={precision}
              data={percentilesOver(column, over)}
              csvHref={`${csv}&over=time`}
            />
          )}
          {words && (
            <Chart
              id="feature-words"
              title="Words not in the reference"
              precision={precision}
              data={words}
              csvHref={`${csv}&over=time`}
            />
          )}
          {outside && (
            <Chart
              id="feature-outside"
              title={isCategories ? "Missing and unseen" : "Missing and out of range"}
              precision={precision}
              data={outside}
              csvHref={`${csv}&over=time`}
            />
          )}
        </div>
        {isCategories && (
          <div class="chart-grid">
            {sharesOver(column, over.current, over).map(({ category, data }, index) => (
              <Chart
                id={`feature-share-${index}`}
                title={category === "" ? '""' : category}
                precision={precision}
                data={data}
                csvHref={`${csv}&over=time`}
              />
            ))}
          </div>
        )}
        {!outside && <p class="muted small">{nothingOutside(column)}</p>}
      </div>
    </Card>
  );
}

function DriftBadge({ drift: { state, n } }: { drift: FeatureDrift }) {
  const isShort = state === "not_enough_data" && n < DRIFT_ROWS_MIN;
  return <StatusBadge status={state} detail={isShort ? `(${n}/${DRIFT_ROWS_MIN})` : undefined} />;
}

function summaryOf({ kind, method, n }: FeatureDrift): string {
  return `${KIND_WORDS[kind]} · ${METHODS[method].label} · ${plural(n, "row")}`;
}

function nothingOutside({ binning }: ReferenceColumn): string {
  return binning.kind === "categories"
    ? "No value was missing or unseen in this time."
    : "No value was missing or out of the reference's range in this time.";
}

/** Chooses the feature and its method. Methods that were chosen for other features stay. */
function FeatureForm({ view, column }: { view: DriftView; column: ReferenceColumn }) {
  return (
    <form class="span-picker-form" method="get" action={`${view.path}#feature`}>
      {driftParams(view).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <SelectField
        name="feature"
        label="Feature"
        options={view.monitored.columns.map(({ name }) => ({ value: name, label: name }))}
        value={column.name}
        markOptional={false}
      />
      <input type="hidden" name="method_of" value={column.name} />
      <SelectField
        name="method"
        label={`Method for ${column.name}`}
        options={[
          { value: "auto", label: "Automatic" },
          ...possibleMethods(column).map((method) => ({ value: method, label: METHODS[method].label })),
        ]}
        value={view.methods.get(column.name) ?? "auto"}
        markOptional={false}
      />
      <Button type="submit">Show</Button>
    </form>
  );
}
