import { BarList } from "../../../ui/bar-list.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { Callout } from "../../../ui/callout.tsx";
import { Card } from "../../../ui/card.tsx";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { formatCount, formatNumber, formatPercent, plural } from "../../../lib/format.ts";
import { Histogram } from "../../../ui/histogram.tsx";
import { AppShell } from "../../../ui/layout.tsx";
import { PageHeader } from "../../../ui/page-header.tsx";
import { Pagination } from "../../../ui/pagination.tsx";
import { Stat, StatGrid } from "../../../ui/stat.tsx";
import { Timestamp } from "../../../ui/time.tsx";
import { binNames, FeatureTable, FEATURES_PER_PAGE } from "./feature-table.tsx";
import { ModelTable } from "../model-table.tsx";
import type { ModelLine } from "../../../experiments/page-queries.ts";
import { crumbsTo, type ProjectView, versionHref } from "../view.ts";
import type { ReferenceProfile, TargetProfile } from "../../../experiments/training/profile.ts";
import type { ExperimentRow, VersionRow } from "../../../experiments/queries.ts";

export interface VersionPageProps {
  view: ProjectView;
  experiment: ExperimentRow;
  version: VersionRow;
  models: ModelLine[];
  creator: string | null;
  /** Of the features table, from 1. */
  page: number;
  /** Null until the data have been read. */
  profile: ReferenceProfile | null;
}

/** One version: what its data are, and its models. */
export function VersionPage(props: VersionPageProps) {
  const { view, experiment, version, models, creator, profile } = props;
  const here = versionHref(experiment.id, version.number);
  const upload = view.mayChange && profile !== null && (
    <ButtonLink href={`${here}/models/new`} variant="primary" icon="upload">
      Upload model
    </ButtonLink>
  );
  return (
    <AppShell
      title={`Version ${version.number} · ${experiment.name}`}
      frame={view.frame}
      section="experiments"
      breadcrumb={crumbsTo(view, experiment, version.number)}
    >
      <PageHeader
        title={`Version ${version.number}`}
        description={
          <>
            Added <Timestamp atMs={version.createdAt} />
            {creator !== null && ` by ${creator}`}
          </>
        }
        actions={models.length > 0 && upload}
      />
      {version.state === "failed" && (
        <Callout level="error" title="The data could not be read">
          {version.errorMessage}
        </Callout>
      )}
      <Notes notes={version.notes} />
      <Card title="Models" flush>
        <ModelTable
          task={experiment.task}
          lines={models}
          empty={
            <EmptyState title="No models yet" icon="upload" action={upload}>
              Upload an ONNX model that was trained on this data.
            </EmptyState>
          }
        />
      </Card>
      <DataCard version={version} target={profile?.target ?? null} />
      {profile && <FeaturesCard {...props} profile={profile} />}
    </AppShell>
  );
}

function Notes({ notes }: { notes: string[] }) {
  if (notes.length === 0) return null;
  return (
    <Callout title="Warnings about the data">
      <ul class="callout-list">
        {notes.map((note) => (
          <li>{note}</li>
        ))}
      </ul>
    </Callout>
  );
}

function DataCard({ version, target }: { version: VersionRow; target: TargetProfile | null }) {
  const holdout = version.holdoutRows;
  return (
    <Card title="Data">
      <div class="stack">
        <StatGrid>
          <Stat label="Training rows" value={formatCount(version.rows)} />
          <Stat
            label="Holdout rows"
            value={holdout === null ? "none" : formatCount(holdout)}
            hint={holdout === null ? "Metrics on training rows" : undefined}
          />
          <Stat label="Features" value={formatCount(version.features.length)} />
        </StatGrid>
        {target && <TargetChart target={target} />}
      </div>
    </Card>
  );
}

const CLASSES_SHOWN = 10;

function TargetChart({ target }: { target: TargetProfile }) {
  const missing = target.missing === 0 ? "" : `, missing in ${plural(target.missing, "row")}`;
  return (
    <div class="stack">
      <h3>
        Target {target.name}
        <span class="muted">{missing}</span>
      </h3>
      {target.kind === "label" ? (
        <BarList label={`Classes of ${target.name}`} tone="reference" items={classBars(target)} />
      ) : (
        target.display && (
          <Histogram
            label={target.name}
            size="large"
            series={[{ label: "Training rows", tone: "reference", counts: target.display.counts }]}
            bins={binNames(target.display.edges)}
            ends={[formatNumber(target.min ?? 0), formatNumber(target.max ?? 0)]}
          />
        )
      )}
    </div>
  );
}

function classBars({ classes, rows, missing }: Extract<TargetProfile, { kind: "label" }>) {
  const known = Math.max(1, rows - missing);
  const rest = classes.slice(CLASSES_SHOWN);
  const others = {
    value: `${plural(rest.length, "other class", "other classes")}`,
    count: rest.reduce((sum, entry) => sum + entry.count, 0),
  };
  return [...classes.slice(0, CLASSES_SHOWN), ...(rest.length > 0 ? [others] : [])].map(({ value, count }) => ({
    label: value,
    share: count / known,
    text: `${formatCount(count)} · ${formatPercent(count / known)}`,
  }));
}

function FeaturesCard({ experiment, version, page, profile }: VersionPageProps & { profile: ReferenceProfile }) {
  const from = (page - 1) * FEATURES_PER_PAGE;
  const shown = profile.features.slice(from, from + FEATURES_PER_PAGE);
  const total = profile.features.length;
  const href = (to: number) => `${versionHref(experiment.id, version.number)}?page=${to}#features`;
  const isPaged = total > FEATURES_PER_PAGE;
  const unreadable = new Map(
    version.features.flatMap(({ name, reference }) => (reference.unreadable ? [[name, reference.unreadable]] : [])),
  );
  return (
    <Card
      id="features"
      title="Features"
      description="Distributions of the training data. Incoming values are compared with them."
      flush
      footer={
        isPaged && (
          <Pagination
            summary={`Features ${formatCount(from + 1)} to ${formatCount(from + shown.length)} of ${formatCount(total)}`}
            previousHref={page > 1 ? href(page - 1) : undefined}
            previousLabel="Previous"
            nextHref={from + shown.length < total ? href(page + 1) : undefined}
            nextLabel="Next"
          />
        )
      }
    >
      <FeatureTable features={shown} unreadable={unreadable} />
    </Card>
  );
}
