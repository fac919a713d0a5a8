import { Card } from "../../ui/card.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Table } from "../../ui/table.tsx";
import { curlSnippet } from "./snippets.ts";

/** How actuals are sent. They change what the charts say, so that a key is needed also where the deployment is public. */
export function ActualsCard({ url, actuals }: { url: string; actuals: { items: unknown[] } }) {
  const path = new URL(url).pathname;
  return (
    <Card title="Send actuals">
      <p>
        Once the true value of a predicted row is known, send it to <code>POST {path}</code> with the row's{" "}
        <code>prediction_id</code>: late, in any order, up to 10,000 at once, as JSON or as <code>text/csv</code> with
        the columns <code>prediction_id</code> and <code>actual</code>. The last one sent for a row wins; ids that are
        not of this deployment come back in <code>unknown</code>.
      </p>
      <p>
        A key of this deployment may send actuals, and so may a contributor of the project with a personal token. Nobody
        may without one, whatever the deployment's access.
      </p>
      <CodeBlock id="actuals" label="curl" code={curlSnippet({ url, body: actuals, needsKey: true })} wrap />
    </Card>
  );
}

/** Where clients of the Open Inference Protocol find the deployment. `body` is null where it would be too long to read. */
export function ProtocolCard({ origin, slug, body }: { origin: string; slug: string; body: Inference | null }) {
  const base = `/v2/models/${slug}`;
  const calls = [
    { call: `GET ${base}`, text: "the tensors that a call sends and an answer carries" },
    { call: `GET ${base}/ready`, text: "200 while it answers, 503 while it does not" },
    { call: `POST ${base}/infer`, text: "predicts the rows in the tensors, recorded like any other call" },
  ];
  return (
    <Card title="Open Inference Protocol v2">
      <p>
        Clients of KServe, Triton and MLServer call the deployment as the model <code>{slug}</code> of the server{" "}
        <code>{origin}</code>, with the same key. Each path goes with <code>/versions/</code> and a number too; only the
        current version answers.
      </p>
      <Table
        caption="Calls of the Open Inference Protocol"
        rows={calls}
        columns={[
          { key: "call", header: "Call", primary: true, cell: ({ call }) => <code>{call}</code> },
          { key: "text", header: "What it does", cell: ({ text }) => text },
        ]}
      />
      {body !== null && <CodeBlock id="infer" label="Body of infer" code={tensorLines(body)} />}
    </Card>
  );
}

interface Inference {
  inputs: unknown[];
}

/** JSON with a line for each tensor. */
function tensorLines({ inputs }: Inference): string {
  const lines = inputs.map((tensor) => `    ${JSON.stringify(tensor)}`);
  return `{\n  "inputs": [\n${lines.join(",\n")}\n  ]\n}`;
}
