import { describe, expect, it } from "vitest";
import { type AlertStanding, afterLook, type Reading } from "../../src/alerts/after-look.ts";
import { isBreached } from "../../src/alerts/alert-rules.ts";

/** Looks, a minute apart, as letters: b breached, f fine, u unknown; answered by what was told at each, F firing, R resolved. */
function told(looks: string): string {
  const readings: Record<string, Reading> = { b: "breached", f: "fine", u: "unknown" };
  let standing: AlertStanding = { state: "unknown", since: 0, fineLooks: 0 };
  return looks
    .split("")
    .map((look, minute) => {
      const { event, ...after } = afterLook(standing, readings[look] ?? "unknown", minute);
      standing = after;
      return event === null ? "." : event === "firing" ? "F" : "R";
    })
    .join("");
}

describe("what is told after each look", () => {
  it.each([
    ["ffff", "...."],
    ["bbbb", "F..."],
    ["fbbff", ".F..R"],
    ["bffff", "F.R.."],
    // One fine look may be chance.
    ["bfbfbff", "F.....R"],
    ["bffbff", "F.RF.R"],
    // Not knowing neither begins nor ends an incident, and does not stand in the way of either.
    ["uuuu", "...."],
    ["buuu", "F..."],
    ["bfuf", "F..R"],
    ["bufuf", "F...R"],
    ["ubuff", ".F..R"],
  ])("%s: %s", (looks, expected) => expect(told(looks)).toBe(expected));
});

it("a state lasts since it began, not since the last look", () => {
  const ok = afterLook({ state: "unknown", since: 1, fineLooks: 0 }, "fine", 5);
  expect(afterLook(ok, "fine", 6)).toMatchObject({ state: "ok", since: 5 });
  expect(afterLook({ state: "firing", since: 7, fineLooks: 0 }, "breached", 9)).toMatchObject({ since: 7 });
});

describe("what an alert is for", () => {
  it.each([
    ["drift", null, 1, 0, 1],
    ["errors", null, 0.05, 0.049, 0.05],
    ["latency", null, 1_000, 999, 1_000],
    ["not_running", null, 2, 1.9, 2],
    // Errors are better low, shares of right answers high; a metric that is as good as its threshold is good enough.
    ["performance", "rmse", 3, 3, 3.1],
    ["performance", "log_loss", 0.5, 0.5, 0.51],
    ["performance", "r2", 0.7, 0.7, 0.69],
    ["performance", "accuracy", 0.9, 0.95, 0.89],
  ] as const)("%s %s with threshold %d takes %d as fine and %d not", (kind, metric, threshold, fine, bad) => {
    expect(isBreached({ kind, metric, threshold }, fine)).toBe(false);
    expect(isBreached({ kind, metric, threshold }, bad)).toBe(true);
  });
});
