import { AwsClient } from "aws4fetch";
import { beforeAll, describe, expect, inject, it } from "vitest";
import type { OpenedS3 } from "../../../src/pipelines/connections/connection-input.ts";
import { storedObjects } from "../../../src/pipelines/sources/stored-objects.ts";
import type { StoreAddress } from "../../support/databases-s3.ts";

const store: StoreAddress | undefined = inject("store");

describe.skipIf(!store)("a real store", () => {
  if (!store) return;
  const { endpoint, bucket, accessKeyId, secretAccessKey } = store;
  const settings = { endpoint, region: "auto", bucket, access_key_id: accessKeyId };
  const connection: OpenedS3 = { id: "con_1", kind: "s3", settings, secret: { secret_access_key: secretAccessKey } };
  const keys = ["sources/it's (1) & ä.csv", "sources/a+b.csv", "sources/c.txt"];

  beforeAll(async () => {
    const writer = new AwsClient({ accessKeyId, secretAccessKey, region: "auto", service: "s3", retries: 0 });
    for (const key of keys) {
      const path = key
        .split("/")
        .map((part) =>
          encodeURIComponent(part).replaceAll(/['()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
        )
        .join("/");
      const response = await writer.fetch(`${endpoint}/${bucket}/${path}`, { method: "PUT", body: `text of ${key}` });
      expect(response.status).toBe(200);
    }
  });

  it("is listed by a pattern, and gives objects with odd names", async () => {
    const objects = storedObjects(connection, "sources/*.csv", fetch);
    const found = await objects.keys();
    expect(found).toEqual(["sources/a+b.csv", "sources/it's (1) & ä.csv"]);
    for (const key of found) {
      let text = "";
      for await (const chunk of await objects.read(key)) text += new TextDecoder().decode(chunk);
      expect(text).toBe(`text of ${key}`);
    }
  });

  it.each([
    ["no such key", {}, "nowhere.csv", "object_missing"],
    ["no such bucket", { bucket: "no-such-bucket" }, "x.csv", "object_missing"],
    ["a wrong key", { access_key_id: "wrong" }, "x.csv", "object_refused"],
  ])("refuses with a sentence: %s", async (_, more, key, code) => {
    const wrong = { ...connection, settings: { ...settings, ...more } };
    await expect(storedObjects(wrong, key, fetch).read(key)).rejects.toMatchObject({ code, isRetryable: false });
  });
});
