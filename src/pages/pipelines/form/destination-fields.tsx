import type { Child } from "hono/jsx";
import { errorAt } from "../../page-form.ts";
import { FieldGroup, FieldRow } from "../../../ui/form-layout.tsx";
import { CheckboxField, SelectField, TextField } from "../../../ui/forms.tsx";
import { CONNECTION_FACTS } from "../../../pipelines/connections/connection-kinds.ts";
import { CHALLENGER_AS, type DestinationKind } from "../../../pipelines/delivery/destination-kind.ts";
import { DestinationPreview } from "../destination-preview.tsx";
import { ChooseButton, chooses, type FormPartProps, partId } from "./form-part.tsx";
import { slotField, slotsOf } from "./read-form.ts";
import { CODE, connectionOption } from "./source-fields.tsx";

type SlotProps = FormPartProps & { slot: number };

/** Where predictions go: as many destinations as the pipeline has, and room for three. */
export function DestinationsChoice(props: FormPartProps) {
  return (
    <>
      {Array.from({ length: slotsOf(props.fields) }, (_, slot) => (
        <DestinationChoice {...props} slot={slot} />
      ))}
    </>
  );
}

function DestinationChoice(props: SlotProps) {
  const { view, fields, errors, slot } = props;
  const name = slotField(slot, "connection_id");
  return (
    <FieldGroup legend={`Destination ${slot + 1}`}>
      <SelectField
        name={name}
        label="Connection"
        options={view.connections.map(connectionOption)}
        value={fields[name]}
        placeholder="None"
        error={errorAt(errors, name)}
        attributes={chooses(view, `destination-${slot}`)}
      />
      <ChooseButton action={view.action} label="Choose this connection" />
      <DestinationFields {...props} />
    </FieldGroup>
  );
}

/** What the chosen connection needs. The part of the form that another one replaces. */
export function DestinationFields(props: SlotProps) {
  const { view, fields, errors, slot, previews } = props;
  const preview = previews?.get(slot);
  const chosen = view.connections.find(({ id }) => id === fields[slotField(slot, "connection_id")]);
  const kind = chosen && CONNECTION_FACTS[chosen.kind].receives;
  const challenger = slotField(slot, "challenger");
  return (
    <div class="page-part" id={partId(`destination-${slot}`)}>
      {kind && FIELDS[kind]?.(props)}
      {kind && (
        <CheckboxField
          name={challenger}
          label="Also deliver the challenger's answers"
          checked={fields[challenger] === "true"}
          hint={
            {
              file: "As a separate file: put {model} in the key. Needs a deployment with a challenger.",
              columns: "As additional columns. Needs a deployment with a challenger.",
            }[CHALLENGER_AS[kind]]
          }
          error={errorAt(errors, challenger)}
        />
      )}
      {preview?.destinations.map((destination) => (
        <DestinationPreview preview={destination} isSourceKnown={preview.is_source_known} />
      ))}
    </div>
  );
}

const FIELDS: Record<DestinationKind, ((props: SlotProps) => Child) | null> = {
  table: TableFields,
  object: ObjectFields,
  message: null,
};

function TableFields({ view, fields, errors, slot }: SlotProps) {
  const field = (key: string) => {
    const name = slotField(slot, key);
    return { name, value: fields[name], error: errorAt(errors, name) };
  };
  const asks = chooses(view, `destination-${slot}`);
  // A form that was sent says by itself whether the box was ticked.
  const isFresh = fields[slotField(slot, "table")] === undefined;
  return (
    <>
      <FieldRow>
        <TextField
          {...field("table")}
          label="Table"
          placeholder="scores"
          hint="table or schema.table. Created if it does not exist."
          attributes={{ ...CODE, ...asks }}
          mono
          required
        />
        <SelectField
          {...field("mode")}
          attributes={asks}
          label="Rows"
          value={fields[slotField(slot, "mode")] ?? "append"}
          options={[
            { value: "append", label: "Append: add the rows" },
            { value: "replace", label: "Replace: keep the newest run only" },
            { value: "upsert", label: "Upsert: update by key columns" },
          ]}
          required
        />
      </FieldRow>
      <TextField
        {...field("key_columns")}
        label="Key columns"
        placeholder="customer_id"
        hint="For an upsert: the columns that identify a row, separated by commas. The table gets a unique index over them."
        attributes={{ ...CODE, ...asks }}
        mono
      />
      <CheckboxField
        name={slotField(slot, "run_columns")}
        label="Add columns of the run"
        checked={isFresh || fields[slotField(slot, "run_columns")] === "true"}
        hint="Each row says run_id, predicted_at, deployment_version and model."
        error={errorAt(errors, slotField(slot, "run_columns"))}
      />
    </>
  );
}

function ObjectFields({ fields, errors, slot }: SlotProps) {
  const pattern = slotField(slot, "key_pattern");
  const format = slotField(slot, "format");
  return (
    <FieldRow>
      <TextField
        name={pattern}
        label="Key"
        value={fields[pattern]}
        placeholder="predictions/{date}/{model}.csv"
        hint="{date}, {run} and {model} are replaced."
        error={errorAt(errors, pattern)}
        attributes={CODE}
        mono
        required
      />
      <SelectField
        name={format}
        label="Format"
        value={fields[format] ?? "csv"}
        options={[
          { value: "csv", label: "CSV" },
          { value: "parquet", label: "Parquet" },
        ]}
        error={errorAt(errors, format)}
        required
      />
    </FieldRow>
  );
}
