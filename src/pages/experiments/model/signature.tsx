import type { PlannedInput, ServingPlan } from "../../../engine/serving-plan.ts";
import { Badge } from "../../../ui/badge.tsx";
import { Card } from "../../../ui/card.tsx";
import { plural } from "../../../lib/format.ts";
import { Table } from "../../../ui/table.tsx";
import { modelJson } from "../../../experiments/experiment-json.ts";
import type { ModelRow } from "../../../experiments/queries.ts";

/** Columns shown before one has to ask for all of them. */
const COLUMNS_SHOWN = 24;

/** Which columns feed which input. */
export function InputsCard({ plan }: { plan: ServingPlan }) {
  const { batchRows } = plan;
  return (
    <Card
      title="Inputs"
      description={
        batchRows === null ? "A run takes any number of rows." : `A run takes exactly ${plural(batchRows, "row")}.`
      }
      flush
    >
      <Table
        caption="Inputs"
        rows={plan.inputs}
        columns={[
          { key: "name", header: "Input", primary: true, cell: ({ name }) => name },
          { key: "type", header: "Type", cell: ({ type }) => <Badge>{type}</Badge> },
          { key: "shape", header: "Shape", nowrap: true, cell: ({ dims }) => shapeText(dims) },
          { key: "columns", header: "Columns", cell: (input) => <Columns input={input} /> },
        ]}
      />
    </Card>
  );
}

function shapeText(dims: PlannedInput["dims"]): string {
  return `[${dims.map((dim) => dim ?? "rows").join(", ")}]`;
}

function Columns({ input: { columns } }: { input: PlannedInput }) {
  const rest = columns.slice(COLUMNS_SHOWN);
  return (
    <div class="stack">
      <ColumnNames names={columns.slice(0, COLUMNS_SHOWN)} />
      {rest.length > 0 && (
        <details>
          <summary>and {rest.length} more</summary>
          <ColumnNames names={rest} />
        </details>
      )}
    </div>
  );
}

function ColumnNames({ names }: { names: string[] }) {
  return (
    <p>
      {names.map((name, index) => (
        <>
          {index > 0 && ", "}
          <code>{name}</code>
        </>
      ))}
    </p>
  );
}

const ROLES = {
  label: "The predicted class",
  probabilities: "The probability of each class",
  value: "The predicted number",
  score: "How unusual the row is",
  extra: "Returned unchanged with the answer",
} as const;

/** What the model's outputs say. */
export function OutputsCard({ model }: { model: ModelRow }) {
  const { outputs, classes } = modelJson(model);
  const raw = model.plan.classes?.raw ?? null;
  const names = classes?.map((shown, index) => {
    const own = raw?.[index] ?? String(index);
    return own === shown ? shown : `${shown} (${own} in the model)`;
  });
  return (
    <Card title="Outputs" description={names && `Classes: ${names.join(", ")}.`} flush>
      <Table
        caption="Outputs"
        rows={outputs}
        columns={[
          { key: "name", header: "Output", primary: true, cell: ({ name }) => name },
          { key: "role", header: "Role", cell: ({ role }) => <Badge>{role}</Badge> },
          { key: "meaning", header: "Meaning", cell: ({ role }) => ROLES[role] },
        ]}
      />
    </Card>
  );
}
