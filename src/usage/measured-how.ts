/** How each figure of a usage report was measured, in a sentence: a number that nobody can check is worth nothing. */
export type Measured = Record<
  "calls" | "rows" | "errors" | "latency_ms" | "compute_ms" | "cpu_ms" | "memory_bytes",
  string
>;

export const MEASURED_HOW: Omit<Measured, "cpu_ms"> = {
  calls: "Counted from the records: every answered call is one. Of the challenger: rows that it answered.",
  rows: "Counted from the records.",
  errors:
    "Calls that reached the model and were not answered, counted in the memory of its host: those of the last seconds are lost when the host stops. Calls refused before (bad input, no right) are not among them.",
  latency_ms:
    "By the Worker's clock, from handing a call to the model's host until the answer is back; an isolate reports a call's with the next one, so its last one is missing. Bins grow by a fifth, so a figure is right within 20 %.",
  compute_ms:
    "Around the run of the model. Where the clock stands still during a run (on Cloudflare) one run in 10 s is measured, by a pause behind it, and spread over all rows.",
  memory_bytes:
    "WASM memory of the loaded model (its heap, which holds its weights), looked at about every 10 s while calls come; the mean of the looks.",
};

/** Of CPU there are three ways, by where the instance runs. */
export const CPU_MEASURED_HOW = {
  billed:
    "CPU time that Cloudflare billed for this deployment's objects (the Tail Worker's cpuTime), split between the models by compute time.",
  sampled:
    "CPU time of the whole instance's process, sampled each minute from outside and shared out by compute time: it holds the work around the models too.",
  unknown: "Not known: there is neither a Tail Worker that reports it nor a runner that samples the process.",
} as const;
