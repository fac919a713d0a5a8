import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tableModel } from "../support/models.ts";
import { BuiltInstance } from "./built-instance.ts";
import { addModel, createVersion, deploy, setUp } from "./owner.ts";
import { temporaryDir } from "./tiltyard-process.ts";
import { rounds } from "../support/thorough.ts";

// Requests share hops only in a real process: the runtime of the other tests does not take answers from one request to another.

/** The model knows amounts below this, and fails on others. */
const KNOWN = 1_000;
const CONNECTIONS = 32;
const CALLS = rounds(30_000, 3_000);

let dir: Awaited<ReturnType<typeof temporaryDir>>;
let running: BuiltInstance;
let key: string;
let url: string;

beforeAll(async () => {
  dir = await temporaryDir();
  running = await BuiltInstance.start(dir.path);
  const owner = await setUp(running);
  const version = await createVersion(owner);
  const model = await addModel(owner, version, tableModel(Array.from({ length: KNOWN }, (_, amount) => amount * 2)));
  const path = await deploy(owner, version, model, null);
  key = await owner.textOf("key", owner.call("POST", `${path}/keys`, { name: "key" }));
  url = `${running.url}${path}/predict`;
  while ((await predict(1)).status === 503) await new Promise((next) => setTimeout(next, 100));
});

afterAll(async () => {
  await running?.kill();
  await dir?.remove();
});

function predict(amount: number): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ features: { amount } }),
  });
}

/** What was answered to one amount: a number, or the status of a refusal. */
async function answerTo(amount: number): Promise<unknown> {
  const response = await predict(amount);
  const body: unknown = await response.json();
  if (response.status !== 200) return `refused ${response.status}`;
  return typeof body === "object" && body !== null && "prediction" in body ? body.prediction : body;
}

/** Sends a call and breaks the connection before the answer can have come. */
function callAndLeave(amount: number): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const body = JSON.stringify({ features: { amount } });
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.write(
      `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`,
      () => socket.destroy(),
    );
  });
}

describe("calls that share a hop", () => {
  it(`get their own answers, each of ${CALLS} over ${CONNECTIONS} connections, after the code has been optimized too`, async () => {
    const wrong: string[] = [];
    const connection = async (first: number): Promise<void> => {
      for (let sent = first; sent < CALLS; sent += CONNECTIONS) {
        const amount = sent % KNOWN;
        const answer = await answerTo(amount);
        if (answer !== amount * 2) wrong.push(`${amount}: ${String(answer)}`);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, (_, first) => connection(first)));
    expect(wrong).toEqual([]);
  }, 300_000);

  it("are refused alone when the model fails on one of them", async () => {
    for (let round = 0; round < 20; round += 1) {
      const amounts = Array.from({ length: CONNECTIONS }, (_, index) => (index === round ? KNOWN + 5 : index));
      const answers = await Promise.all(amounts.map(answerTo));
      expect(answers).toEqual(amounts.map((amount) => (amount < KNOWN ? amount * 2 : "refused 422")));
    }
  });

  it("are answered when clients that called before them have gone", async () => {
    for (let round = 0; round < 20; round += 1) {
      const leaving = Array.from({ length: 4 }, (_, index) => callAndLeave(index));
      const amounts = Array.from({ length: CONNECTIONS }, (_, index) => index + round);
      const [answers] = await Promise.all([Promise.all(amounts.map(answerTo)), ...leaving]);
      expect(answers).toEqual(amounts.map((amount) => amount * 2));
    }
  });
});
