import type { Child } from "hono/jsx";
import type { DeploymentRow } from "../../deployments/find-deployment.ts";
import type { InputJson, OutputJson } from "../../inference/spec/describe-deployment.ts";
import { Badge } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { CodeBlock, CopyField } from "../../ui/code-block.tsx";
import { Icon } from "../../ui/icon.tsx";
import { BarePage } from "../../ui/layout.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { VERSION } from "../../version.ts";
import { ErrorTable, WarningTable } from "./error-tables.tsx";
import { rangeText } from "../../docs/feature-facts.ts";
import { ActualsCard, ProtocolCard } from "./other-calls.tsx";
import { curlSnippet, javascriptSnippet, KEY_VARIABLE, pythonSnippet } from "./snippets.ts";

/** What the documentation of one deployment shows; plain data. */
export interface DeploymentDocs {
  deployment: Pick<DeploymentRow, "name" | "description" | "slug" | "access" | "typePolicy">;
  version: number;
  origin: string;
  inputs: FeatureDocs[];
  outputs: OutputJson[];
  exampleRow: Record<string, unknown>;
  exampleAnswer: unknown;
  exampleActuals: { items: unknown[] };
  exampleInference: { inputs: unknown[] };
}

export interface FeatureDocs extends InputJson {
  /** The training data have no other categories than those listed. */
  isComplete: boolean;
  /** It is recorded, and does not change the answer. */
  isOptional: boolean;
}

/** Rows of a table shown at once; the others fold away. */
const FEATURES_SHOWN = 100;
const CATEGORIES_SHOWN = 12;

export function DeploymentDocsPage({ docs }: { docs: DeploymentDocs }) {
  const { deployment, origin } = docs;
  const { slug, name } = deployment;
  const base = `${origin}/api/v1/deployments/${slug}`;
  const needsKey = deployment.access !== "public";
  const call = { url: `${base}/predict`, body: { features: docs.exampleRow }, needsKey };
  return (
    <BarePage
      title={`API of ${name}`}
      assetVersion={VERSION}
      width="wide"
      footer={<a href="/docs">The whole API of Tiltyard</a>}
    >
      <PageHeader
        title={`API of ${name}`}
        badges={<Badge>{`version ${docs.version}`}</Badge>}
        description={deployment.description === "" ? undefined : deployment.description}
      />
      <nav class="cluster" aria-label="More about this deployment">
        <a href={`/f/${slug}`}>Form</a>
        <span class="muted">·</span>
        <a href={`/docs/${slug}/openapi.json`}>OpenAPI document</a>
      </nav>
      <Card title="Where and how">
        <CopyField id="predict-url" label="POST" value={call.url} />
        {needsKey ? (
          <p>
            Send an API key of this deployment, or a personal token, as <code>Authorization: Bearer …</code>. A
            contributor of the project makes keys on the page of the deployment. The examples read it from the
            environment variable <code>{KEY_VARIABLE}</code>.
          </p>
        ) : (
          <p>
            This deployment is public: predicting needs no key, and pages of other sites can call it from the browser. A
            token that is sent must be valid, and a key must be of this deployment.
          </p>
        )}
        <p>
          <code>GET {new URL(base).pathname}/about</code>, <code>/inputs</code> and <code>/outputs</code> say for
          programs what this page says.
        </p>
      </Card>
      <Card
        title="Ask for a prediction"
        description="These calls work as shown. The row is a typical row of the training data."
      >
        <CodeBlock id="curl" label="curl" code={curlSnippet(call)} wrap />
        <CodeBlock id="python" label="Python" code={pythonSnippet(call)} />
        <CodeBlock id="javascript" label="JavaScript" code={javascriptSnippet(call)} />
      </Card>
      <Card title="The answer" description="Example values in the shape of an answer.">
        <CodeBlock id="answer" label="200 application/json" code={JSON.stringify(docs.exampleAnswer, null, 2)} />
        <OutputsTable outputs={docs.outputs} />
      </Card>
      <Card title={`Features (${docs.inputs.length})`} description={policyText(deployment.typePolicy)} flush>
        <FeaturesTable inputs={docs.inputs.slice(0, FEATURES_SHOWN)} />
      </Card>
      {docs.inputs.length > FEATURES_SHOWN && <MoreFeatures inputs={docs.inputs.slice(FEATURES_SHOWN)} />}
      <Rows docs={docs} />
      <ActualsCard url={`${base}/actuals`} actuals={docs.exampleActuals} />
      <ProtocolCard
        origin={origin}
        slug={slug}
        body={docs.inputs.length > FEATURES_SHOWN ? null : docs.exampleInference}
      />
      <Card
        title="Errors"
        description={'As application/problem+json with a stable code; under /v2 as {"error": "…"}.'}
        flush
      >
        <ErrorTable access={deployment.access} />
      </Card>
      <Card title="Warnings" description="In the list warnings of an answer. The row was answered all the same." flush>
        <WarningTable policy={deployment.typePolicy} />
      </Card>
    </BarePage>
  );
}

function policyText(policy: DeploymentRow["typePolicy"]): string {
  return policy === "strict"
    ? 'Strict: every feature must be there and of its kind, categories as in the training data, and nothing else; otherwise the call is refused with 422. null and "" say that a value is missing, where it may be.'
    : 'What is left out or cannot be read counts as missing, with a warning; null and "" do so without one. Where a value is required, each of these is a 422.';
}

function FeaturesTable({ inputs }: { inputs: FeatureDocs[] }) {
  return (
    <Table
      caption="Features"
      rows={inputs}
      columns={[
        { key: "name", header: "Name", primary: true, cell: ({ name }) => <code>{name}</code> },
        { key: "kind", header: "Kind", cell: ({ kind }) => kind },
        { key: "required", header: "Required", cell: requiredText },
        { key: "values", header: "In the training data", cell: (input) => knownValues(input) },
        {
          key: "example",
          header: "Example",
          cell: ({ example }) => (example === null ? null : <code>{JSON.stringify(example)}</code>),
        },
      ]}
    />
  );
}

function requiredText({ required, nullable, isOptional }: FeatureDocs): string {
  if (isOptional) return "no: recorded only, it does not change the answer";
  if (!required) return "no";
  return nullable ? "yes, may be null" : "yes";
}

function knownValues({ range, categories, isComplete }: FeatureDocs): Child {
  if (range) return rangeText(range);
  if (!categories || categories.length === 0) return null;
  const shown = categories.slice(0, CATEGORIES_SHOWN);
  const rest = categories.length - shown.length;
  const others = isComplete ? "" : rest > 0 ? " and others" : ", and others";
  return `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}${others}`;
}

function MoreFeatures({ inputs }: { inputs: FeatureDocs[] }) {
  return (
    <details class="card">
      <summary class="card-body">
        <span class="cluster">
          <Icon name="chevron-down" size="small" />
          {inputs.length} more features
        </span>
      </summary>
      <FeaturesTable inputs={inputs} />
    </details>
  );
}

function OutputsTable({ outputs }: { outputs: OutputJson[] }) {
  return (
    <Table
      caption="Outputs"
      rows={outputs}
      columns={[
        { key: "name", header: "Field", primary: true, cell: ({ name }) => <code>{name}</code> },
        { key: "type", header: "Is", cell: ({ type }) => OUTPUT_TEXTS[type] },
        ...(outputs.some(({ classes }) => classes) ? [CLASSES_COLUMN] : []),
      ]}
    />
  );
}

const CLASSES_COLUMN: Column<OutputJson> = {
  key: "classes",
  header: "Classes",
  cell: ({ classes }) => classes?.join(", "),
};

const OUTPUT_TEXTS: Record<OutputJson["type"], string> = {
  label: "the label of the class, a string",
  number: "a number, or a list of numbers",
  probabilities: "a number from 0 to 1 for each class",
  extra: "a further output of the model",
};

function Rows({ docs }: { docs: DeploymentDocs }) {
  const body = { rows: [docs.exampleRow, docs.exampleRow] };
  const isShort = docs.inputs.length <= FEATURES_SHOWN;
  return (
    <Card title="Several rows, and repeated calls">
      <p>
        Up to 1,000 rows go in one call: send <code>rows</code> instead of <code>features</code>. The answers come in
        the order of the rows, as <code>predictions</code>. If one row is refused, none is predicted, and the error
        names it, as in <code>rows[3].name</code>.
      </p>
      {isShort && <CodeBlock id="rows" label="Body" code={JSON.stringify(body, null, 2)} />}
      <p>
        A call that may be sent twice, after a lost connection for instance, can carry a header{" "}
        <code>Idempotency-Key</code> of up to 255 characters: for 24 hours the same key and body get the same answer,
        and are recorded once. The same key with another body is a 409.
      </p>
    </Card>
  );
}
