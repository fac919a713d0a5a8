import { ButtonLink } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { plural } from "../ui/format.ts";
import { DRIFT_ROWS_MIN, type GeneralView } from "./general-view.ts";

/** Where the drift since the deployment stands once there are windows: until then, what is there and what is missing. */
export function DriftCard({
  recorded,
  predictionsHref,
}: {
  recorded: GeneralView["recorded"];
  predictionsHref: string;
}) {
  return (
    <Card title="Drift since it was deployed">
      {recorded === null ? (
        <EmptyState title="Not known just now" icon="monitoring">
          A host did not say how many predictions it has recorded. Load the page again in a moment.
        </EmptyState>
      ) : (
        <EmptyState
          title={
            recorded.orMore ? "No window has been compared yet" : `Not enough data (${recorded.rows}/${DRIFT_ROWS_MIN})`
          }
          icon="monitoring"
          action={
            recorded.rows > 0 && (
              <ButtonLink href={predictionsHref} icon="predictions">
                Look at the predictions
              </ButtonLink>
            )
          }
        >
          {sentence(recorded)} Drift compares the features of a window of calls with the training reference, and is not
          judged on fewer than {DRIFT_ROWS_MIN} rows.
        </EmptyState>
      )}
    </Card>
  );
}

function sentence({ rows, orMore }: NonNullable<GeneralView["recorded"]>): string {
  if (rows === 0) return "No prediction has been recorded yet.";
  const counted = plural(rows, "prediction");
  return `${orMore ? `More than ${counted} are` : `${counted} ${rows === 1 ? "is" : "are"}`} recorded.`;
}
