import { describe, expect, it } from "vitest";
import { cronWords } from "../../../src/pages/pipelines/cron-words.ts";

describe("a cron expression in words", () => {
  it.each([
    ["* * * * *", "every minute"],
    ["*/15 * * * *", "every 15 minutes"],
    ["0 * * * *", "every hour"],
    ["5 * * * *", "every hour at minute 5"],
    ["0 */6 * * *", "every 6 hours"],
    ["30 */2 * * 1-5", "every 2 hours at minute 30, Monday to Friday"],
    ["0 6 * * *", "every day at 06:00"],
    ["5 18,6 * * *", "every day at 06:05 and 18:05"],
    ["0 6 * * 1", "every Monday at 06:00"],
    ["0 6 * * MON,thu", "every Monday and Thursday at 06:00"],
    ["0 6 * * 1,3,7", "every Monday, Wednesday and Sunday at 06:00"],
    ["0 6 * * mon-fri", "Monday to Friday at 06:00"],
    ["15 0 1 * *", "on day 1 of the month at 00:15"],
    ["15 0 1,15 * *", "on days 1 and 15 of the month at 00:15"],
    ["0 0 L * *", "on the last day of the month at 00:00"],
    ["0 6 1 JAN,7 *", "on day 1 of the month in January and July at 06:00"],
    ["  0   6 * * 0 ", "every Sunday at 06:00"],
  ])("%s is %s", (cron, words) => {
    expect(cronWords(cron)).toBe(words);
  });

  it.each([
    // Every 7 minutes is not what it says: the last step of the hour is shorter.
    "*/7 * * * *",
    "*/0 * * * *",
    "0 9-17 * * *",
    "0 1,2,3,4,5 * * *",
    "0,30 6 * * *",
    // Either or both.
    "0 6 1 * 1",
    "0 6 * * 2#1",
    "0 6 * 13 *",
    "60 6 * * *",
    "0 24 * * *",
    "0 6 32 * *",
    "0 6 * *",
    "0 0 6 * * *",
    "nonsense",
    "",
  ])("%s has no short words", (cron) => {
    expect(cronWords(cron)).toBeNull();
  });
});
