import { errorAt } from "../../page-form.ts";
import { isAppError } from "../../../errors.ts";
import { FieldRow } from "../../../ui/form-layout.tsx";
import { SelectField, TextField } from "../../../ui/forms.tsx";
import { cronWords } from "../cron-words.ts";
import { NextRuns } from "../next-runs.tsx";
import { previewSlots } from "../../../pipelines/schedules/schedule-api.ts";
import { timeZoneNames } from "../../../pipelines/schedules/wall-clock.ts";
import { ChooseButton, chooses, type FormPartProps, partId } from "./form-part.tsx";
import { errorsAtFields, OWN_CRON, scheduleOf, TIMEZONE_DEFAULT, withPreset } from "./read-form.ts";
import { CODE } from "./source-fields.tsx";

/** When it runs: a preset or an expression of one's own, and what follows from it. */
export function ScheduleChoice(props: FormPartProps) {
  const { view, fields, errors } = props;
  return (
    <>
      <SelectField
        name="schedule.preset"
        label="When it runs"
        options={[
          { value: "weekly", label: "Every week" },
          { value: "daily", label: "Every day" },
          { value: "hourly", label: "Every hour" },
          { value: OWN_CRON, label: "Custom cron expression" },
        ]}
        value={fields["schedule.preset"]}
        placeholder="Manual runs only"
        error={errorAt(errors, "schedule")}
        attributes={chooses(view, "schedule")}
        markOptional={false}
      />
      <ChooseButton action={view.action} label="Choose this" />
      <ScheduleFields {...props} />
      <ChooseButton action={view.action} label="Show the next runs" />
    </>
  );
}

const TYPED = "input changed delay:300ms";

/** Cron expression, time zone and bounds, with the runs that they give. The part of the form that another preset replaces. */
export function ScheduleFields(props: FormPartProps) {
  const { view, errors } = props;
  const fields = withPreset(props.fields);
  const field = (key: string) => ({
    name: `schedule.${key}`,
    value: fields[`schedule.${key}`],
    error: errorAt(errors, `schedule.${key}`),
  });
  if ((fields["schedule.preset"] ?? "") === "") return <div class="page-part" id={partId("schedule")} />;
  const timezone = fields["schedule.timezone"] ?? "";
  const typed = chooses(view, "runs", TYPED);
  return (
    <div class="page-part" id={partId("schedule")}>
      <input type="hidden" name="schedule.filled" value={fields["schedule.filled"]} />
      <FieldRow>
        <TextField
          {...field("cron")}
          label="Cron expression"
          placeholder="0 6 * * 1"
          hint="Minute, hour, day of the month, month, day of the week."
          attributes={{ ...CODE, ...typed }}
          mono
          required
        />
        <TextField
          {...field("timezone")}
          label="Time zone"
          value={timezone === "" ? TIMEZONE_DEFAULT : timezone}
          suggestions={timeZoneNames()}
          hint="Follows summer time: 06:00 stays 06:00."
          // Where nobody has chosen one, pipeline-form.ts puts in that of the browser.
          attributes={{ ...CODE, ...typed, ...(timezone === "" && { "data-browser-zone": true }) }}
          required
        />
      </FieldRow>
      <FieldRow>
        <TextField {...field("starts_at")} label="From" type="datetime-local" attributes={typed} />
        <TextField {...field("ends_at")} label="Until" type="datetime-local" attributes={typed} />
      </FieldRow>
      <RunsPreview {...props} fields={fields} />
    </div>
  );
}

/** The next runs of the schedule as it was typed, or what is wrong with it. */
export function RunsPreview({ view: { nowMs, pipeline }, fields, errors }: FormPartProps) {
  // What stands at a field need not be said again.
  const isRefused = errors.some(({ path }) => path?.startsWith("schedule"));
  return (
    <div class="callout" data-tone="accent" id={partId("runs")} aria-live="polite">
      <div class="callout-body stack">
        {isRefused ? (
          <p class="muted">{WAITING}</p>
        ) : (
          <PreviewText fields={fields} before={pipeline?.schedule ?? null} nowMs={nowMs} />
        )}
      </div>
    </div>
  );
}

const WAITING = "The next runs are shown here.";

interface PreviewProps extends Pick<FormPartProps, "fields"> {
  before: Parameters<typeof scheduleOf>[1];
  nowMs: number;
}

function PreviewText({ fields, before, nowMs }: PreviewProps) {
  const { cron = "", timezone, starts_at, ends_at } = scheduleOf(fields, before) ?? {};
  const zone = timezone || TIMEZONE_DEFAULT;
  const said = previewOf(
    { cron, timezone: zone, ...(isTime(starts_at) && { starts_at }), ...(isTime(ends_at) && { ends_at }) },
    nowMs,
  );
  if ("refusal" in said) return <p class="muted">{cron.trim() === "" ? WAITING : said.refusal}</p>;
  const words = cronWords(cron);
  return (
    <>
      <p class="callout-title">Runs {words ?? "next"}</p>
      <NextRuns slots={said.slots} timezone={zone} nowMs={nowMs} />
    </>
  );
}

/** A browser sends none that is not; what else sends the form is told so when it is saved. */
function isTime(text: string | undefined): text is string {
  return text !== undefined && !Number.isNaN(Date.parse(text));
}

function previewOf(
  schedule: Parameters<typeof previewSlots>[0],
  nowMs: number,
): { slots: number[] } | { refusal: string } {
  try {
    return { slots: previewSlots(schedule, nowMs) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const [first] = errorsAtFields(error.details?.errors ?? [{ message: error.message }], {});
    return { refusal: first?.message ?? error.message };
  }
}
