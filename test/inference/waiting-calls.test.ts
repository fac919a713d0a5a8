import { describe, expect, it } from "vitest";
import { WaitingCalls } from "../../src/inference/spec/waiting-calls.ts";

/** Calls that are numbers: what part of a batch each fills. `pauses` counts how often somebody was waited for. */
function waiting(onPause: (calls: WaitingCalls<number>) => void = () => undefined) {
  const seen = { pauses: 0 };
  const calls: WaitingCalls<number> = new WaitingCalls(
    () => {
      seen.pauses += 1;
      onPause(calls);
      return Promise.resolve();
    },
    (share) => share,
  );
  return { calls, seen };
}

describe("gathering", () => {
  it("does not hold up a caller who is alone", async () => {
    const { calls, seen } = waiting();
    calls.push(0.1);
    await calls.gather();
    expect([seen.pauses, calls.count]).toEqual([0, 1]);
  });

  it("waits for as many as were at hand lately, and no longer than until they are here", async () => {
    const { calls, seen } = waiting((own) => own.push(0.1));
    calls.noteAtHand(3);
    calls.push(0.1);
    await calls.gather();
    expect([seen.pauses, calls.count]).toEqual([2, 3]);
  });

  it("gives up when nobody comes, and expects fewer from then on", async () => {
    const { calls, seen } = waiting();
    calls.noteAtHand(4);
    for (const [pauses, atHand] of [
      [2, 1],
      [4, 1],
      [6, 1],
      [6, 1],
    ] as const) {
      calls.push(0.1);
      await calls.gather();
      calls.take();
      expect(seen.pauses).toBe(pauses);
      calls.noteAtHand(atHand);
    }
  });

  it("never waits for more than four pauses, however many are still coming", async () => {
    const { calls, seen } = waiting((own) => own.push(0.001));
    calls.noteAtHand(100);
    calls.push(0.001);
    await calls.gather();
    expect(seen.pauses).toBe(4);
  });
});

describe("a batch", () => {
  it("takes the oldest calls, as many as fit, and one that fills more than a batch by itself", () => {
    const { calls } = waiting();
    for (const share of [0.5, 0.4, 0.2, 3, 0.1]) calls.push(share);
    expect(calls.take()).toEqual([0.5, 0.4]);
    expect(calls.take()).toEqual([0.2]);
    expect(calls.take()).toEqual([3]);
    expect(calls.takeAll()).toEqual([0.1]);
    expect(calls.count).toBe(0);
  });
});
