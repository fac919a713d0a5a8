import { errorAt } from "../page-form.ts";
import { actionWords, COMMON_ACTIONS, fieldChanges } from "./action-words.ts";
import { type AuditEntry, readChanges } from "../../audit/audit-json.ts";
import { ButtonLink, SubmitButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FieldRow, Form, FormActions, type FormError, FormErrors } from "../../ui/form-layout.tsx";
import { TextField } from "../../ui/forms.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Pagination } from "../../ui/pagination.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Timestamp } from "../../ui/time.tsx";

export interface AuditViewProps {
  /** Of the page: the export lies under it. */
  path: string;
  /** The query of the address. */
  fields: Partial<Record<string, string>>;
  entries: AuditEntry[];
  nextCursor: string | null;
  isFirstPage: boolean;
  errors: FormError[];
  /** Names of present projects by id, on the page of the whole instance. */
  projectNames?: Map<string, string>;
}

/** Entries of the audit log with their filter, newest first. */
export function AuditView(props: AuditViewProps) {
  const { path, fields, entries, nextCursor, isFirstPage, errors, projectNames } = props;
  const address = (more: Record<string, string>) => addressOf(path, fields, more);
  return (
    <>
      <PageHeader
        title={projectNames ? "Audit log" : "Audit"}
        description="Who changed what, and from where. Entries cannot be changed or deleted, and remain when their object is deleted."
        actions={
          <>
            <ButtonLink href={address({ export: "csv" })} icon="download">
              CSV
            </ButtonLink>
            <ButtonLink href={address({ export: "ndjson" })} icon="download">
              NDJSON
            </ButtonLink>
          </>
        }
      />
      <Card>
        <FilterForm path={path} fields={fields} errors={errors} hasProject={projectNames !== undefined} />
      </Card>
      <Card flush>
        <Table
          caption="Audit log, newest first"
          rows={entries}
          columns={columnsOf(projectNames)}
          empty={
            <EmptyState title="No entry fits" icon="audit" action={<ButtonLink href={path}>Show all</ButtonLink>} />
          }
        />
      </Card>
      <Pagination
        previousHref={isFirstPage ? undefined : address({})}
        previousLabel="Newest"
        nextHref={nextCursor === null ? undefined : address({ cursor: nextCursor })}
      />
    </>
  );
}

const FILTERS = ["from", "to", "actor", "action", "object", "project"] as const;

/** The page, or with `export` the file, with the filter of the present address. */
function addressOf(path: string, fields: AuditViewProps["fields"], more: Record<string, string>): string {
  const { export: format, ...rest } = more;
  const present = FILTERS.flatMap((name): [string, string][] => (fields[name] ? [[name, fields[name]]] : []));
  const query = new URLSearchParams([
    ...present,
    ...Object.entries(rest),
    ...(format === undefined ? [] : [["format", format]]),
  ]).toString();
  return `${path}${format === undefined ? "" : "/export"}${query === "" ? "" : `?${query}`}`;
}

type FilterFormProps = Pick<AuditViewProps, "path" | "fields" | "errors"> & { hasProject: boolean };

function FilterForm({ path, fields, errors, hasProject }: FilterFormProps) {
  const field = (name: (typeof FILTERS)[number]) => ({
    name,
    value: fields[name],
    error: errorAt(errors, name),
    markOptional: false,
  });
  return (
    <Form action={path} method="get">
      <FormErrors errors={errors} />
      <FieldRow>
        <TextField {...field("from")} label="From" type={isDate(fields["from"]) ? "date" : "text"} />
        <TextField {...field("to")} label="To (inclusive)" type={isDate(fields["to"]) ? "date" : "text"} />
        <TextField {...field("actor")} label="Who" placeholder="Email or id" />
        <TextField
          {...field("action")}
          label="Action"
          placeholder="member.set or member"
          suggestions={[...COMMON_ACTIONS]}
        />
        <TextField {...field("object")} label="What" placeholder="Name or id" />
        {hasProject && <TextField {...field("project")} label="Project" placeholder="Id or slug" />}
      </FieldRow>
      <FormActions>
        <SubmitButton label="Filter" variant="secondary" />
        <ButtonLink href={path} variant="quiet">
          Show all
        </ButtonLink>
      </FormActions>
    </Form>
  );
}

/** A date input drops everything else, such as the time that a link may carry. */
function isDate(text: string | undefined): boolean {
  return text === undefined || text === "" || /^\d{4}-\d{2}-\d{2}$/.test(text);
}

function columnsOf(projectNames: Map<string, string> | undefined): Column<AuditEntry>[] {
  return [
    {
      key: "what",
      header: "What",
      primary: true,
      cell: (entry) => (
        <div>
          {capitalised(actionWords(entry.action))} {entry.action !== "session.open" && <ObjectName entry={entry} />}
          <span class="cell-note">
            <code>{entry.action}</code>
          </span>
        </div>
      ),
    },
    { key: "who", header: "Who", cell: (entry) => <Actor entry={entry} /> },
    { key: "changes", header: "Changes", cell: (entry) => <Changes entry={entry} /> },
    {
      key: "at",
      header: "When",
      nowrap: true,
      cell: ({ at }) => <Timestamp atMs={at} precision="seconds" />,
    },
    { key: "from", header: "From", cell: (entry) => <Origin entry={entry} /> },
    ...(projectNames
      ? [
          {
            key: "project",
            header: "Project",
            cell: ({ projectId }: AuditEntry) =>
              projectId === null ? (
                <span class="muted">none</span>
              ) : (
                (projectNames.get(projectId) ?? <code>{projectId}</code>)
              ),
          },
        ]
      : []),
  ];
}

function ObjectName({ entry: { objectName, objectId } }: { entry: AuditEntry }) {
  return <>{objectName ?? <code>{objectId}</code>}</>;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function Actor({ entry: { actorKind, actorId, actorName } }: { entry: AuditEntry }) {
  if (actorKind === "system") return <>Tiltyard</>;
  if (actorKind === "nobody") return <>Somebody who was not signed in</>;
  if (actorKind === "key") return <>API key {actorId}</>;
  return <>{actorName ?? actorId}</>;
}

const VIA = { session: "in a browser", token: "by a personal token", key: "by an API key" } as const;

function Origin({ entry: { via, address } }: { entry: AuditEntry }) {
  if (via === null && address === null) return <span class="muted">–</span>;
  return (
    <div>
      {address ?? <span class="muted">address not known</span>}
      {via !== null && <span class="cell-note">{VIA[via]}</span>}
    </div>
  );
}

const SHOWN_LENGTH_MAX = 120;

function Changes({ entry }: { entry: AuditEntry }) {
  const changes = fieldChanges(readChanges(entry.before), readChanges(entry.after));
  if (changes.length === 0) return <span class="muted">–</span>;
  return (
    <>
      {changes.map(({ field, before, after }) => (
        <div class="cell-break">
          <span class="muted">{field.replaceAll("_", " ")}</span> <Value text={before} />
          {before !== null && " → "}
          {after === null ? <span class="muted">gone</span> : <Value text={after} />}
        </div>
      ))}
    </>
  );
}

function Value({ text }: { text: string | null }) {
  if (text === null) return null;
  if (text === "") return <span class="muted">none</span>;
  if (text.length <= SHOWN_LENGTH_MAX) return <>{text}</>;
  return <span title={text}>{text.slice(0, SHOWN_LENGTH_MAX)}…</span>;
}
