import { deploymentPath } from "../../deployments/deployment-shell.tsx";
import { postCommand } from "../../deployments/curl-command.ts";
import { Card } from "../../../ui/card.tsx";
import { CodeBlock } from "../../../ui/code-block.tsx";
import type { PerformanceView } from "./view.ts";

/** A shell variable, so that nobody pastes a key into a file. */
const KEY = "$TILTYARD_KEY";

/** How to send what came true: commands with this deployment's address. */
export function ActualsCard({ view }: { view: PerformanceView }) {
  const { deployment, links, report } = view;
  const url = new URL("actuals", links.api_url).href;
  // An id that names no prediction: who pastes the line as it stands learns that, and labels nothing wrongly.
  const body = { items: [{ prediction_id: "PREDICTION_ID", actual: exampleActual(view) }] };
  return (
    <Card
      title={report.labelled > 0 ? "Send more actuals" : "Send actuals"}
      description="Late, out of order or repeated: the last one sent for a row wins. Up to 10,000 per call."
    >
      <div class="stack">
        <p>
          Each answer of predict has a <code>prediction_id</code>, and so has each of the{" "}
          <a href={`${deploymentPath(deployment)}/predictions`}>recorded predictions</a>. The key is an API key of this
          deployment; actuals need one even where predicting does not.
        </p>
        <CodeBlock id="actuals-json" label="With curl" code={postCommand(url, { json: body }, KEY)} wrap />
        <CodeBlock
          id="actuals-csv"
          label="From a CSV file with the columns prediction_id and actual"
          code={postCommand(url, { csvFile: "actuals.csv" }, KEY)}
          wrap
        />
      </div>
    </Card>
  );
}

/** Of the kind that the deployment's actuals are, in the model's own words where they are known. */
function exampleActual({ deployment, report, monitored }: PerformanceView): string | number {
  if (deployment.task === "regression") return 12.5;
  const [seen] = report.calibration.main?.confusion?.labels ?? [];
  const column = monitored.main.reference?.column;
  const [known] = column?.binning.kind === "categories" ? column.binning.categories : [];
  return seen ?? known ?? "yes";
}
