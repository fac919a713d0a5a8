import { createHmac } from "node:crypto";
import { vi } from "vitest";

/** What a receiver was sent. */
export interface Received {
  url: string;
  headers: Headers;
  text: string;
  body: Record<string, unknown>;
  redirect: string | undefined;
}

/** Stands where the Worker's requests to other hosts go: keeps them, and answers as it is told. */
export class Receiver {
  readonly received: Received[] = [];
  /** Answers the next requests, one after the other; then 200. */
  answers: (() => Response | Promise<Response>)[] = [];

  constructor() {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const text = typeof init?.body === "string" ? init.body : "";
      this.received.push({
        url: new Request(input).url,
        headers: new Headers(init?.headers),
        text,
        body: JSON.parse(text) as Record<string, unknown>,
        redirect: init?.redirect,
      });
      return (this.answers.shift() ?? (() => new Response("thanks")))();
    });
  }

  get events(): unknown[] {
    return this.received.map(({ body }) => body["event"]);
  }

  /** The newest request; throws when there is none. */
  get last(): Received {
    const last = this.received.at(-1);
    if (!last) throw new Error("the receiver was sent nothing");
    return last;
  }
}

/** Whether a message is signed by the secret, by another implementation than the one that signs. */
export function isSignedBy(secret: string, { headers, text }: Received): boolean {
  const expected = createHmac("sha256", secret)
    .update(`${headers.get("x-tiltyard-timestamp") ?? ""}.${text}`)
    .digest("hex");
  return headers.get("x-tiltyard-signature") === `sha256=${expected}`;
}
