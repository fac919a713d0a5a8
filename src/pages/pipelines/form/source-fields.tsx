import type { Child } from "hono/jsx";
import { errorAt } from "../../page-form.ts";
import { Callout } from "../../../ui/callout.tsx";
import { ButtonLink } from "../../../ui/button.tsx";
import { plural } from "../../../lib/format.ts";
import { RadioCards, SelectField, TextArea, TextField } from "../../../ui/forms.tsx";
import { CONNECTION_FACTS, READ_FROM, type Reading } from "../../../pipelines/connections/connection-kinds.ts";
import { CONNECTION_KINDS, type Source } from "../../../pipelines/schema.ts";
import { ChooseButton, chooses, type FormPartProps, Kept, partId } from "./form-part.tsx";
import type { OfferedConnection } from "./view.ts";

type SourceKind = Source["kind"];

const CARDS: Record<SourceKind, [label: string, description: string]> = {
  dataset: ["Dataset", "A CSV or Parquet file that was uploaded here"],
  query: ["Query", "What a query reads from a PostgreSQL or MySQL database"],
  object: ["Object", "A file in a store that speaks S3"],
  url: ["URL", "A file on the web, fetched anew for each run"],
};

/** What each needs; `own` is the field that no other kind has. */
const FIELDS: Record<SourceKind, { own: string; fields: (props: FormPartProps) => Child }> = {
  dataset: { own: "source.dataset_id", fields: DatasetField },
  query: { own: "source.sql", fields: QueryFields },
  object: { own: "source.key", fields: ObjectFields },
  url: { own: "source.url", fields: UrlField },
};

/** Where the rows come from: the kind, and what it needs. */
export function SourceChoice(props: FormPartProps) {
  const { view, fields, errors } = props;
  return (
    <>
      <RadioCards
        name="source.kind"
        label="Kind"
        cards={Object.entries(CARDS).map(([value, [label, description]]) => ({ value, label, description }))}
        value={fields["source.kind"]}
        error={errorAt(errors, "source.kind")}
        attributes={chooses(view, "source")}
        required
      />
      <ChooseButton action={view.action} label="Choose this kind" />
      <SourceFields {...props} />
    </>
  );
}

/** What the chosen kind needs. The part of the form that another kind replaces. */
export function SourceFields(props: FormPartProps) {
  const { fields } = props;
  const kinds = Object.entries(FIELDS).map(([kind, of]) => ({ ...of, isChosen: kind === fields["source.kind"] }));
  const others = kinds.filter(({ isChosen }) => !isChosen).map(({ own }) => own);
  return (
    <div class="page-part" id={partId("source")}>
      {kinds.find(({ isChosen }) => isChosen)?.fields(props)}
      <SelectField
        name="source.dates"
        label="Dates"
        options={[
          { value: "day_first", label: "Day first: 01/02/2024 is 1 February" },
          { value: "month_first", label: "Month first: 01/02/2024 is January 2" },
        ]}
        value={fields["source.dates"]}
        placeholder="Not said: only 2024-02-01 is a date"
        hint="How the source writes dates. Only deliveries to columns of dates read them."
        error={errorAt(props.errors, "source.dates")}
      />
      <Kept fields={fields} names={others} />
    </div>
  );
}

function DatasetField({ view: { project, datasets }, fields, errors }: FormPartProps) {
  if (datasets.length === 0)
    return (
      <Nothing label="Upload dataset" href={`/projects/${project.slug}/datasets/new`}>
        The project has no dataset yet. Upload one, or choose another kind.
      </Nothing>
    );
  return (
    <SelectField
      name="source.dataset_id"
      label="Dataset"
      options={datasets.map(({ id, name, rows }) => ({
        value: id,
        label: rows === null ? name : `${name} · ${plural(rows, "row")}`,
      }))}
      value={fields["source.dataset_id"]}
      placeholder="Choose a dataset"
      error={errorAt(errors, "source.dataset_id")}
      required
    />
  );
}

function QueryFields(props: FormPartProps) {
  const { fields, errors } = props;
  return (
    <>
      <ConnectionField {...props} reads="query" />
      <TextArea
        name="source.sql"
        label="Query"
        value={fields["source.sql"]}
        rows={6}
        placeholder="select id, age, city from customers"
        hint="It must return the columns that the deployment needs. Other columns are kept and passed on."
        error={errorAt(errors, "source.sql")}
        attributes={CODE}
        mono
        required
      />
    </>
  );
}

function ObjectFields(props: FormPartProps) {
  const { fields, errors } = props;
  return (
    <>
      <ConnectionField {...props} reads="object" />
      <TextField
        name="source.key"
        label="Key"
        value={fields["source.key"]}
        placeholder="exports/customers.csv"
        hint="CSV or Parquet. * matches any characters, / too. All matching objects are read in the order of their keys; empty ones are passed over."
        error={errorAt(errors, "source.key")}
        attributes={CODE}
        mono
        required
      />
    </>
  );
}

function UrlField({ fields, errors }: FormPartProps) {
  return (
    <TextField
      name="source.url"
      label="URL"
      value={fields["source.url"]}
      placeholder="https://example.org/customers.csv"
      hint="A CSV or Parquet file."
      error={errorAt(errors, "source.url")}
      attributes={{ ...CODE, inputmode: "url" }}
      required
    />
  );
}

function ConnectionField({
  view: { project, connections },
  fields,
  errors,
  reads,
}: FormPartProps & { reads: Reading }) {
  const what = READ_FROM[reads];
  const fit = connections.filter(({ kind }) => CONNECTION_FACTS[kind].reads === reads);
  const first = CONNECTION_KINDS.find((kind) => CONNECTION_FACTS[kind].reads === reads);
  if (fit.length === 0)
    return (
      <Nothing label="New connection" href={`/projects/${project.slug}/connections/new?kind=${first}`}>
        The project has no connection to a {what} yet. Add one, or choose another kind.
      </Nothing>
    );
  return (
    <SelectField
      name="source.connection_id"
      label="Connection"
      options={fit.map(connectionOption)}
      value={fields["source.connection_id"]}
      placeholder={`Choose a ${what}`}
      error={errorAt(errors, "source.connection_id")}
      required
    />
  );
}

/** A connection as selects offer it. */
export function connectionOption({ id, name, kind, place }: OfferedConnection): { value: string; label: string } {
  return { value: id, label: `${name} · ${CONNECTION_FACTS[kind].label}, ${place}` };
}

/** For what machines read. */
export const CODE = { autocomplete: "off", spellcheck: "false", autocapitalize: "none" } as const;

function Nothing({ children, label, href }: { children?: Child; label: string; href: string }) {
  return <Callout action={<ButtonLink href={href}>{label}</ButtonLink>}>{children}</Callout>;
}
