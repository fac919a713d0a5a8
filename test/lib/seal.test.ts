import { createDecipheriv, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { seal, unseal } from "../../src/lib/seal.ts";

const SECRET = "a sealing key of the tests, 256 bits of it";
const PLACE = "alerts/alr_1/signing_secret";

describe("a sealed text", () => {
  it.each(["", "a secret", "ключ 🗝", "x".repeat(20_000)])("opens to what it was, %#", async (text) => {
    expect(await unseal(SECRET, PLACE, await seal(SECRET, PLACE, text))).toBe(text);
  });

  it("is another one each time, and holds nothing of the text", async () => {
    const [one, other] = [await seal(SECRET, PLACE, "a secret"), await seal(SECRET, PLACE, "a secret")];
    expect(one).not.toBe(other);
    expect(one).not.toContain("secret");
    expect(one).not.toContain(btoa("a secret").slice(0, 8));
  });

  it("does not open by another key, in another place, or when a bit has changed", async () => {
    const sealed = await seal(SECRET, PLACE, "a secret");
    await expect(unseal(`${SECRET}.`, PLACE, sealed)).rejects.toThrow("does not open");
    await expect(unseal(SECRET, "alerts/alr_2/signing_secret", sealed)).rejects.toThrow("does not open");
    const [version = "", nonce = "", data = ""] = sealed.split(".");
    const changed = (text: string) => (text.startsWith("A") ? "B" : "A") + text.slice(1);
    for (const broken of [
      [version, changed(nonce), data],
      [version, nonce, changed(data)],
      [version, nonce, data.slice(0, -4)],
      ["v2", nonce, data],
      [version, nonce],
      [version, nonce, data, data],
      ["not sealed"],
    ])
      await expect(unseal(SECRET, PLACE, broken.join("."))).rejects.toThrow("does not open");
  });

  it("is AES-256-GCM by a key of HKDF-SHA256, as another implementation reads it", async () => {
    const [, nonce = "", data = ""] = (await seal(SECRET, PLACE, "a secret")).split(".");
    const key = Buffer.from(hkdfSync("sha256", SECRET, "", "tiltyard seal v1", 32));
    const bytes = Buffer.from(data, "base64url");
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64url"));
    decipher.setAAD(Buffer.from(PLACE)).setAuthTag(bytes.subarray(-16));
    expect(decipher.update(bytes.subarray(0, -16), undefined, "utf8") + decipher.final("utf8")).toBe("a secret");
  });
});
