import { ButtonLink, SubmitButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Form, FormActions, FormErrors, FieldRow, type FormError } from "../../ui/form-layout.tsx";
import { FeatureField } from "./feature-field.tsx";
import type { FormField } from "./form-fields.ts";
import { type Outcome, OutcomePanel, sentence } from "./outcome.tsx";
import type { FieldValues } from "./read-fields.ts";

export interface PredictPartProps {
  action: string;
  fields: readonly FormField[];
  values: FieldValues;
  /** `path` is the name of a field where the error is about one. */
  errors: readonly FormError[];
  outcome: Outcome;
}

/** The ids that htmx swaps: the answer alone, or form and answer together when errors come or go. */
export const RESULT_ID = "result";
export const PART_ID = "predict";

/** Fields that are shown at once, and how many a group of the others has. */
const SHOWN_FIELDS = 60;
const GROUP_FIELDS = 100;

/** The form and what came of it, side by side where there is room. */
export function PredictPart({ action, fields, values, errors, outcome }: PredictPartProps) {
  const labels = new Map(fields.map(({ name, label }) => [name, label]));
  const labelOf = (name: string): string => labels.get(name) ?? name;
  const messages = new Map(errors.map(({ path, message }) => [path, message]));
  const mixed = fields.some(({ required }) => required) && fields.some(({ required }) => !required);
  const fieldsProps = { values, messages, markOptional: mixed };
  return (
    <div class="split" id={PART_ID}>
      <Card
        title="Your values"
        description={fields.some(({ required }) => !required) ? "Leave unknown values empty." : undefined}
        actions={
          <ButtonLink href={`${action}?example=1`} size="small">
            Fill with an example
          </ButtonLink>
        }
      >
        <Form
          action={action}
          attributes={{
            "hx-post": action,
            // With errors on the form, the next answer must take them away as well.
            "hx-target": errors.length > 0 ? `#${PART_ID}` : `#${RESULT_ID}`,
            "hx-swap": errors.length > 0 ? "outerHTML" : "innerHTML",
          }}
        >
          <FormErrors errors={errors.map((error) => listed(error, labels))} />
          <Fields {...fieldsProps} fields={fields.slice(0, SHOWN_FIELDS)} isFolded={false} />
          {groups(fields).map((group) => (
            <FieldsGroup {...fieldsProps} {...group} />
          ))}
          <FormActions>
            <SubmitButton label="Predict" busyLabel="Predicting" />
            <ButtonLink href={action} variant="quiet">
              Clear
            </ButtonLink>
          </FormActions>
        </Form>
      </Card>
      <div class="is-sticky" id={RESULT_ID}>
        <OutcomePanel outcome={outcome} labelOf={labelOf} />
      </div>
    </div>
  );
}

/** An error of the list on top: it links to its field, if the form has one. */
function listed({ path, message }: FormError, labels: ReadonlyMap<string, string>): FormError {
  if (path === undefined) return { message: sentence(message) };
  const label = labels.get(path);
  // A name that the form does not know stays as it was sent.
  return label === undefined
    ? { message: `${path}: ${sentence(message)}` }
    : { path, message: sentence(`${label}: ${message}`) };
}

interface FieldsProps {
  fields: readonly FormField[];
  values: FieldValues;
  messages: ReadonlyMap<string | undefined, string>;
  markOptional: boolean;
  isFolded: boolean;
}

/** Short fields share rows; a text has one of its own. */
function Fields({ fields, values, messages, markOptional, isFolded }: FieldsProps) {
  const rows: FormField[][] = [];
  let row: FormField[] | null = null;
  for (const field of fields) {
    if (field.control.kind === "text") {
      rows.push([field]);
      row = null;
    } else if (row) {
      row.push(field);
    } else {
      row = [field];
      rows.push(row);
    }
  }
  return (
    <div class="stack">
      {rows.map((members) => (
        <FieldRow>
          {members.map((field) => {
            const message = messages.get(field.name);
            return (
              <FeatureField
                field={field}
                value={values.get(field.name) ?? ""}
                error={message === undefined ? undefined : sentence(message)}
                markOptional={markOptional}
                isFolded={isFolded}
              />
            );
          })}
        </FieldRow>
      ))}
    </div>
  );
}

interface Group {
  fields: readonly FormField[];
  /** Position of the first one in the form, from 1. */
  first: number;
}

function groups(fields: readonly FormField[]): Group[] {
  const found: Group[] = [];
  for (let from = SHOWN_FIELDS; from < fields.length; from += GROUP_FIELDS) {
    found.push({ fields: fields.slice(from, from + GROUP_FIELDS), first: from + 1 });
  }
  return found;
}

/** A part of a long form, open where something in it is wrong. */
function FieldsGroup({ first, ...rest }: Omit<FieldsProps, "isFolded"> & Group) {
  const { fields, messages } = rest;
  const last = fields.at(-1);
  return (
    <details open={fields.some(({ name }) => messages.has(name))}>
      <summary>
        Fields {first} to {first + fields.length - 1}
        <span class="muted">
          {" "}
          · {fields[0]?.label} to {last?.label}
        </span>
      </summary>
      <Fields {...rest} isFolded />
    </details>
  );
}
