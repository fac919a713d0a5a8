import type { Reporter, TestModule } from "vitest/node";

const LEFT_OUT =
  "Shortened or left out: kills, faults, the model zoo, simulations, large property runs and the browser. THOROUGH=1 npm test runs them whole.";

/** Ends a run with one line that machines can read: `N passed, N failed`, and `, N skipped` where some were. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      // A file that did not load has no tests, and is a failure all the same.
      if (module.state() === "failed" && module.children.size === 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== "pending") counts[state] += 1;
      }
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    // After the default reporter's own summary, which is printed in the same step.
    process.once("exit", () => {
      if (process.env["THOROUGH"] !== "1") console.log(LEFT_OUT);
      console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
    });
  }
}
