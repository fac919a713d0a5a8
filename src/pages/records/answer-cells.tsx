import { Badge, StatusBadge } from "../../ui/badge.tsx";
import { formatNumber, formatPercent } from "../../lib/format.ts";
import type { StoredAnswer, StoredRecord } from "../../inference/records/records.ts";
import { type Comparison, confidence, valueText } from "./answer-words.ts";

/** An answer with its probability. */
export function AnswerCell({ answer }: { answer: StoredAnswer }) {
  const probability = confidence(answer);
  return (
    <span>
      {valueText(answer.prediction)}
      {probability !== null && <span class="muted"> {formatPercent(probability)}</span>}
    </span>
  );
}

/** What the challenger said, or why it said nothing. */
export function ChallengerCell({ challenger }: { challenger: StoredRecord["challenger"] }) {
  if (challenger === null) return <span class="muted">–</span>;
  if (challenger.state === "ok") return <AnswerCell answer={challenger} />;
  return (
    <span>
      <StatusBadge status={challenger.state} title={challenger.reason ?? undefined} />
      {challenger.reason !== null && <span class="cell-note">{challenger.reason}</span>}
    </span>
  );
}

/** Whether the two said the same; of numbers, by how much they differ. */
export function ComparisonCell({ comparison }: { comparison: Comparison | null }) {
  if (comparison === null) return <span class="muted">–</span>;
  if (comparison.agree) return <Badge>Agrees</Badge>;
  const { difference } = comparison;
  if (difference === null) return <Badge tone="warning">Differs</Badge>;
  return (
    <span class="numeric" title="Challenger minus main">
      {difference > 0 ? "+" : "−"}
      {formatNumber(Math.abs(difference))}
    </span>
  );
}
