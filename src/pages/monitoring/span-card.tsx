import type { Child } from "hono/jsx";
import { deploymentPath } from "../deployments/deployment-shell.tsx";
import type { DeploymentVersion } from "../../deployments/queries.ts";
import { Button } from "../../ui/button.tsx";
import { formatUtc } from "../../lib/format.ts";
import { SelectField, TextField } from "../../ui/forms.tsx";
import { Segmented } from "../../ui/tabs.tsx";
import type { MonitoringView } from "./view.ts";
import { addressWith, choiceParams, HOURLY_DAYS_MAX, presetOf, type SpanChoice } from "./span-view.ts";

const PAGES = [
  { key: "drift", label: "Drift", below: "" },
  { key: "comparison", label: "Comparison", below: "/comparison" },
  { key: "performance", label: "Performance", below: "/performance" },
] as const;

export interface SpanCardProps {
  view: MonitoringView;
  page: (typeof PAGES)[number]["key"];
  /** What the page's address says besides, and keeps. */
  kept: [string, string][];
}

/** The section's pages, and the picker of what they show. */
export function SpanCard({ view, page, kept }: SpanCardProps) {
  const { path, chosen, versions } = view;
  const { below } = PAGES.find(({ key }) => key === page) ?? PAGES[0];
  return (
    <SpanPicker
      view={view}
      address={path + below}
      versions={versions}
      allVersions={page === "drift" ? "All with this reference" : "All with these two models"}
      hasOthers={page !== "comparison"}
      kept={kept}
    >
      <Segmented
        label="Views of the section"
        options={[
          ...PAGES.map((one) => ({
            label: one.label,
            href: addressWith(path + one.below, choiceParams(chosen.choice)),
            current: one.key === page,
          })),
          { label: "Alerts", href: `${deploymentPath(view.deployment)}/alerts`, current: false },
          { label: "Settings", href: `${path}/settings`, current: false },
        ]}
      />
    </SpanPicker>
  );
}

export interface SpanPickerProps {
  view: Pick<MonitoringView, "chosen">;
  /** Of the page. */
  address: string;
  /** Those that can be chosen, and what all of them together are called. */
  versions: Pick<DeploymentVersion, "number">[];
  allVersions: string;
  /** Whether those of other models can be chosen with them. */
  hasOthers?: boolean;
  kept: [string, string][];
  /** What stands before it. */
  children?: Child;
}

/** Which time, buckets, versions and calls a page shows: links, and a form that works without JavaScript. */
export function SpanPicker(props: SpanPickerProps) {
  const { view, address, kept, children } = props;
  const { chosen } = view;
  const preset = presetOf(chosen.choice);
  const option = (label: string, span: NonNullable<SpanChoice["span"]>, days = {}) => ({
    label,
    href: addressWith(address, [...choiceParams({ ...chosen.choice, span, ...days }), ...kept]),
    current: preset === span,
  });
  const days = { from: formatUtc(chosen.span.fromMs, "date"), to: formatUtc(chosen.span.toMs - 1, "date") };
  return (
    <div class="span-picker">
      <div class="span-picker-links">
        {children}
        <Segmented
          label="Time"
          options={[
            option("24 hours", "24h"),
            option("7 days", "7d"),
            option("30 days", "30d"),
            option("Custom", "custom", days),
          ]}
        />
      </div>
      <SpanForm {...props} />
      {chosen.isCoarsened && <p class="muted small">Shown by day: hours are shown for up to {HOURLY_DAYS_MAX} days.</p>}
    </div>
  );
}

function SpanForm({ view, address, versions, allVersions, hasOthers = false, kept }: SpanPickerProps) {
  const { choice, error } = view.chosen;
  return (
    <form class="span-picker-form" method="get" action={address}>
      {choice.span !== undefined && <input type="hidden" name="span" value={choice.span} />}
      {kept.map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      {choice.span === "custom" && (
        <>
          <TextField
            name="from"
            label="From (UTC)"
            type="date"
            value={choice.from}
            markOptional={false}
            error={error ?? undefined}
          />
          <TextField name="to" label="To, inclusive" type="date" value={choice.to} markOptional={false} />
        </>
      )}
      <SelectField
        name="bucket"
        label="Buckets"
        options={[
          { value: "hour", label: "Hours" },
          { value: "day", label: "Days" },
        ]}
        value={choice.bucket}
        placeholder="Automatic"
        markOptional={false}
      />
      <SelectField
        name="version"
        label="Versions"
        options={[
          ...(hasOthers ? [{ value: "all", label: "All of this deployment" }] : []),
          ...versions.map(({ number }) => ({ value: String(number), label: `Version ${number}` })),
        ]}
        value={choice.version === undefined ? undefined : String(choice.version)}
        placeholder={allVersions}
        markOptional={false}
      />
      <SelectField
        name="source"
        label="Calls"
        options={[
          { value: "online", label: "Online" },
          { value: "batch", label: "Batch" },
          { value: "all", label: "All" },
        ]}
        value={choice.source}
        markOptional={false}
      />
      <Button type="submit">Show</Button>
    </form>
  );
}
