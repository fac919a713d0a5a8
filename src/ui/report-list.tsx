import { plural } from "../lib/format.ts";
import { Icon, type IconName } from "./icon.tsx";

export type ReportLevel = "info" | "repaired" | "warning" | "error";
export type ReportItem = { level: ReportLevel; code: string; message: string };

const looks: Record<ReportLevel, { tone: string; icon: IconName; word: string }> = {
  error: { tone: "bad", icon: "error", word: "Error" },
  warning: { tone: "warning", icon: "alert", word: "Warning" },
  repaired: { tone: "ok", icon: "repaired", word: "Repaired" },
  info: { tone: "neutral", icon: "info", word: "Info" },
};

const levels: ReportLevel[] = ["error", "warning", "repaired", "info"];

/** What the import of a model found and did, gravest first, in the given order within a level. */
export function ReportList({ items }: { items: ReportItem[] }) {
  const sorted = items.toSorted((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
  return (
    <ul class="report">
      {sorted.map(({ level, code, message }) => (
        <li class="report-item" data-tone={looks[level].tone}>
          <Icon name={looks[level].icon} />
          <div class="report-body">
            <p class="report-message">
              <span class="visually-hidden">{looks[level].word}: </span>
              {message}
            </p>
            <code class="report-code">{code}</code>
          </div>
        </li>
      ))}
    </ul>
  );
}

/** The report in one line: "1 error, 2 warnings, 3 repairs"; "Nothing to report" when only remarks are left. */
export function reportSummary(items: ReportItem[]): string {
  const count = (level: ReportLevel) => items.filter((item) => item.level === level).length;
  const parts = [
    count("error") > 0 && plural(count("error"), "error"),
    count("warning") > 0 && plural(count("warning"), "warning"),
    count("repaired") > 0 && plural(count("repaired"), "repair"),
  ].filter((part) => part !== false);
  return parts.length === 0 ? "Nothing to report" : parts.join(", ");
}
