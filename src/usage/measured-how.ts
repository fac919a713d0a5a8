/** How each figure of a usage report was measured, in a sentence: a number that nobody can check is worth nothing. */
export type Measured = Record<
  "calls" | "rows" | "errors" | "latency_ms" | "compute_ms" | "cpu_ms" | "memory_bytes",
  string
>;

export const MEASURED_HOW: Omit<Measured, "cpu_ms"> = {
  calls: "Counted from the records, one for each answered call. For the challenger: calls of which it answered a row.",
  rows: "Counted from the records.",
  errors:
    "Calls that reached the model and were not answered, counted in the memory of its host. Those of the last seconds are lost when the host stops. Calls refused before the model (bad input, no right) do not count.",
  latency_ms:
    "From the call in the Worker until the model's host has the answer, as each record shows it. On Cloudflare the two have clocks of their own, which differ by a few milliseconds. Bins grow by a fifth, so a figure is accurate within 20 %.",
  compute_ms:
    "Around the run of the model. If the clock stands still during a run (on Cloudflare), one run in 10 s is measured with a pause after it and spread over all rows.",
  memory_bytes:
    "WASM memory of the loaded model (its heap, including its weights), sampled about every 10 s while calls arrive. The mean of the samples.",
};

/** Of CPU there are three ways, by where the instance runs. */
export const CPU_MEASURED_HOW = {
  billed:
    "CPU time that Cloudflare billed for this deployment's objects (the Tail Worker's cpuTime), split between the models by compute time.",
  sampled:
    "Not known for one deployment: the CPU time of the whole instance's process is sampled every minute from outside, and shown apart. It includes the pages and all other work.",
  unknown: "Not known: neither a Tail Worker nor the local runner reports it.",
} as const;
