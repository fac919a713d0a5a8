import { writeFile } from "node:fs/promises";
import type { ZooCase } from "./zoo-cases.ts";
import { EXPECTATIONS } from "./zoo-expectations.ts";
import type { Outcome } from "./zoo-outcome.ts";

/** Writes the table of all outcomes, by file name; without timings, so that it changes only when an outcome does. */
export async function writeConformance(
  path: string,
  outcomes: ReadonlyMap<string, Outcome>,
  cases: ReadonlyMap<string, ZooCase[]>,
): Promise<void> {
  const files = [...outcomes.keys()].sort();
  const count = (start: string): number => files.filter((file) => outcomes.get(file)?.outcome.startsWith(start)).length;
  const lines = files.map((file) => {
    const outcome = outcomes.get(file);
    const cells = [
      file,
      EXPECTATIONS[file]?.kind ?? "",
      resultOf(outcome),
      detailOf(outcome, cases.get(file)),
      heapOf(outcome),
    ];
    return `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const text = [
    "# Conformance",
    "",
    `${files.length} real and hostile model files, uploaded, tried, deployed and called through the public API: ${count("predicts")} predict, ${count("refused")} are refused at upload, ${count("fails")} fail their trial.`,
    "`test/node/zoo.test.ts` writes this page after a complete run. Differences are absolute, between Tiltyard's predictions and those of ONNX Runtime for the same rows, one by one and together. Heap is the WASM memory of the model after its trial.",
    "",
    "| file | source kind | result | reason or largest difference | heap MB |",
    "| --- | --- | --- | --- | --- |",
    ...lines,
    "",
  ].join("\n");
  await writeFile(path, text);
}

function resultOf(outcome: Outcome | undefined): string {
  if (outcome?.outcome === "predicts") return "predicts";
  return outcome?.outcome.startsWith("refused") ? "refused" : "failed";
}

function detailOf(outcome: Outcome | undefined, cases: readonly ZooCase[] | undefined): string {
  if (!outcome) return "";
  const [, code] = outcome.outcome.split(": ");
  if (code !== undefined) return `\`${code}\``;
  if (outcome.report.includes("rows_separated"))
    return "predictions are finite; rows influence one another, so each runs alone";
  if (outcome.difference === null) return "predictions are finite; no reference to compare with";
  const rows = cases?.some(({ source }) => source === "golden") ? "golden rows" : "synthetic rows";
  return `${outcome.difference === 0 ? "0" : outcome.difference.toExponential(0)} (${outcome.compared} values, ${rows})`;
}

function heapOf(outcome: Outcome | undefined): string {
  return outcome?.heapBytes ? String(Math.round(outcome.heapBytes / 1_000_000)) : "";
}
