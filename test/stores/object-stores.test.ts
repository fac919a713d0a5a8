import { beforeEach, describe, expect, it, vi } from "vitest";
import { ASKED_AT, askStores } from "./ask-stores.ts";
import written from "./first/answers.json";
import { loadStores } from "./load-stores.ts";

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: ASKED_AT });
  await loadStores();
});

describe("stores of the first version", () => {
  it("answer as they did", async () => {
    expect(await askStores(written.reached)).toMatchObject(written.answers);
  });
});
