import { DeploymentShell, deploymentPath } from "../../deployments/deployment-shell.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { Chart } from "../../../ui/chart.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { formatCount, formatNumber, formatPercent, plural } from "../../../lib/format.ts";
import { Stat, StatGrid } from "../../../ui/stat.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { DisagreementsCard } from "./disagreements-card.tsx";
import type { ComparisonView } from "./view.ts";
import type { ComparisonReport } from "../../../monitoring/report-comparison.ts";
import { namesOf } from "../../deployments/deployment-words.ts";
import { SpanCard } from "../span-card.tsx";
import { POINT_ROWS_MIN, versionMarkers } from "../span-view.ts";

/** Main and challenger on the same rows: how alike they are, and where they are not. */
export function ComparisonPage({ view }: { view: ComparisonView }) {
  const { report } = view;
  return (
    <DeploymentShell view={view} section="monitoring">
      <SpanCard view={view} page="comparison" kept={[]} />
      {report === null ? (
        <NoChallenger view={view} />
      ) : (
        <>
          <SuspendedNote view={view} />
          <NotSentNote report={report} />
          <CountsOfBoth view={view} report={report} />
          {report.n > 0 && <OverTimeCard view={view} />}
          <DisagreementsCard view={view} report={report} />
        </>
      )}
    </DeploymentShell>
  );
}

function NoChallenger({ view }: { view: ComparisonView }) {
  return (
    <Card>
      <EmptyState
        title="No challenger to compare with"
        icon="monitoring"
        action={
          view.mayChange && (
            <ButtonLink href={`${deploymentPath(view.deployment)}/versions/new`} variant="primary">
              Deploy a version with a challenger
            </ButtonLink>
          )
        }
      >
        A challenger is a second model that answers every call beside the main one, unseen by callers. Here you would
        see how often the two agree, and the rows on which they differ most.
      </EmptyState>
    </Card>
  );
}

function SuspendedNote({ view }: { view: ComparisonView }) {
  const suspended = view.deployment.current.challenger?.suspended;
  if (!suspended) return null;
  return (
    <Callout level="warning" title="The challenger is suspended">
      Since <Timestamp atMs={suspended.since} />: {suspended.reason} It answers no more rows.
    </Callout>
  );
}

function NotSentNote({ report }: { report: ComparisonReport }) {
  const { skipped, challenger, extra_features: extra } = report;
  const asked = challenger.ok + challenger.errors + challenger.skipped;
  if (skipped.missing_features === 0) return null;
  const names =
    extra.length === 0
      ? "features that the challenger needs were"
      : `${namesOf(extra)} ${extra.length === 1 ? "was" : "were"}`;
  return (
    <Callout
      level="warning"
      title={`${formatCount(skipped.missing_features)} of ${plural(asked, "row")} skipped: ${names} not sent`}
    >
      The challenger needs values that the main model does not. Ask callers to send them: the form, the API
      documentation and its examples list them as optional.
    </Callout>
  );
}

function CountsOfBoth({ view, report }: { view: ComparisonView; report: ComparisonReport }) {
  const { agreement, score_shift: shift, n, challenger, tolerance } = report;
  const isRegression = view.deployment.task === "regression";
  const compared = plural(n, "row that both answered", "rows that both answered");
  return (
    <div class="stack">
      <StatGrid>
        <Stat label="Agreement" value={agreement === null ? "–" : formatPercent(agreement)} hint={`Of ${compared}`} />
        <Stat
          label={isRegression ? "Mean difference" : "Score shift"}
          value={shift === null ? "–" : signed(shift)}
          hint={isRegression ? "Challenger minus main" : "Of the probability, challenger minus main"}
        />
        <Stat label="Answered" value={formatCount(challenger.ok)} hint="By the challenger" />
        <Stat
          label="Errors"
          value={formatCount(challenger.errors)}
          hint="It failed on the row"
          tone={challenger.errors > 0 ? "bad" : undefined}
        />
        <Stat label="Skipped" value={formatCount(challenger.skipped)} hint="It was not asked" />
        <Stat label="Pending" value={formatCount(challenger.pending)} hint="It catches up for up to 15 minutes" />
      </StatGrid>
      <p class="muted small">
        {isRegression && tolerance !== null
          ? `Numbers agree when they differ by at most ${formatNumber(tolerance, 3)} (0.05 standard deviations of the target). `
          : isRegression
            ? "Numbers agree when they are equal, because the spread of the target is not known. "
            : "Answers agree when they name the same label. "}
        This shows how similar the two are, not which is better. Only actuals can tell.
      </p>
    </div>
  );
}

/** A number with its sign. */
function signed(value: number): string {
  const text = formatNumber(Math.abs(value), 3);
  return value === 0 || text === "0" ? "0" : `${value > 0 ? "+" : "−"}${text}`;
}

function OverTimeCard({ view }: { view: ComparisonView }) {
  const { times, points, chosen, versions, deployment } = view;
  const precision = chosen.span.bucket === "day" ? "date" : "minutes";
  const markers = versionMarkers(versions);
  const drawn = (read: (point: ComparisonReport["series"][number]) => number | null) =>
    points.map((point) => (point && point.n >= POINT_ROWS_MIN ? read(point) : null));
  return (
    <Card
      title="Over time"
      description={`Per ${chosen.span.bucket}, on rows that both answered. With fewer than ${POINT_ROWS_MIN} of them, ${chosen.span.bucket === "hour" ? "an hour" : "a day"} draws no line.`}
    >
      <div class="columns">
        <Chart
          id="agreement"
          title="Agreement"
          precision={precision}
          data={{
            kind: "line",
            unit: "rate",
            times,
            scale: "data",
            series: [{ label: "Agreement", tone: "main", values: drawn(({ agreement }) => agreement) }],
            markers,
          }}
        />
        <Chart
          id="score-shift"
          title={deployment.task === "regression" ? "Challenger minus main, mean" : "Score, challenger minus main"}
          precision={precision}
          empty={<p class="muted">The answers have no score to compare.</p>}
          data={{
            kind: "line",
            unit: "number",
            times,
            series: [
              {
                label: "Challenger minus main",
                tone: "challenger",
                values: drawn((point) => point.score_shift),
              },
            ],
            markers,
          }}
        />
      </div>
    </Card>
  );
}
