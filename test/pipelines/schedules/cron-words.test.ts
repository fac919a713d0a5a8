import { describe, expect, it } from "vitest";
import { cronWords } from "../../../src/pages/pipelines/cron-words.ts";

describe("a cron expression in words", () => {
  it.each([
    ["* * * * *", "every minute"],
    ["*/15 * * * *", "every 15 minutes"],
    ["0 * * * *", "every hour"],
    ["30 */2 * * 1-5", "at 30 minutes past the hour, every 2 hours, Monday through Friday"],
    ["0 6 * * *", "at 06:00"],
    ["5 18 * * *", "at 18:05"],
    ["0 6 * * 1", "at 06:00, only on Monday"],
    ["0 6 * * mon-fri", "at 06:00, Monday through Friday"],
    ["15 0 1,15 * *", "at 00:15, on day 1 and 15 of the month"],
    ["0 0 L * *", "at 00:00, on the last day of the month"],
    ["0 6 1 JAN,7 *", "at 06:00, on day 1 of the month, only in January and July"],
    ["0 6 * * 2#1", "at 06:00, on the first Tuesday of the month"],
    // Sunday has two numbers.
    ["  0   6 * * 0 ", "at 06:00, only on Sunday"],
    ["0 6 * * 7", "at 06:00, only on Sunday"],
  ])("%s is %s", (cron, words) => {
    expect(cronWords(cron)).toBe(words);
  });

  it.each(["60 6 * * *", "0 24 * * *", "0 6 32 * *", "0 6 * 13 *", "*/0 * * * *", "0 6 * *", "nonsense", ""])(
    "%s has none",
    (cron) => {
      expect(cronWords(cron)).toBeNull();
    },
  );
});
