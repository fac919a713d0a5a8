import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeNext } from "../../src/pages/page-form.ts";
import { hashPassword, verifyPassword } from "../../src/access/password.ts";
import { newSecret, secretKind, shownPrefix } from "../../src/access/secret-text.ts";
import { rounds } from "../support/thorough.ts";

describe("a password", () => {
  it("is verified against a hash made by Python's hashlib.scrypt", () => {
    // hashlib.scrypt(b"correct horse", salt=b"0123456789abcdef", n=16384, r=8, p=5, maxmem=2**26, dklen=32)
    const stored = "scrypt$16384$8$5$MDEyMzQ1Njc4OWFiY2RlZg$02g8-CvQr_5XQicw_DXknMkHCBzrhOhaA5Est23cFMI";
    expect(verifyPassword("correct horse", stored)).toBe(true);
    expect(verifyPassword("correct horsf", stored)).toBe(false);
  });

  it("is hashed with a salt of its own each time", () => {
    const [one, two] = [hashPassword("the same one"), hashPassword("the same one")];
    expect(one).toMatch(/^scrypt\$16384\$8\$5\$/);
    expect(one).not.toBe(two);
    expect(verifyPassword("the same one", one)).toBe(true);
  });

  it("is the same however its accents are composed", () => {
    expect(verifyPassword("cafe\u0301 au lait", hashPassword("caf\u00e9 au lait"))).toBe(true);
  });

  it("never fits an account that does not exist", () => {
    expect(verifyPassword("", null)).toBe(false);
    expect(verifyPassword("anything", null)).toBe(false);
  });

  it("never fits an account that has none yet", () => {
    for (const guess of ["", "none", "anything"]) expect(verifyPassword(guess, "none")).toBe(false);
  });
});

describe("a secret", () => {
  it("has the form that scanners look for, and is never the same twice", () => {
    const secrets = Array.from({ length: 200 }, () => newSecret("typ"));
    for (const secret of secrets) expect(secret).toMatch(/^typ_[0-9A-Za-z]{49}$/);
    expect(new Set(secrets).size).toBe(200);
    expect(newSecret("tyk")).toMatch(/^tyk_[0-9A-Za-z]{49}$/);
    expect(shownPrefix("typ_0123456789")).toBe("typ_01234567");
  });

  it("carries the CRC-32 that Python's zlib.crc32 gives", () => {
    const body = `typ_${"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk".slice(0, 43)}`;
    expect(secretKind(`${body}4LjkgD`)).toBe("typ");
  });

  it("is told from one with any character changed", () => {
    const secret = newSecret("tyk");
    expect(secretKind(secret)).toBe("tyk");
    for (let index = 4; index < secret.length; index += 1) {
      const other = secret.charAt(index) === "x" ? "y" : "x";
      expect(secretKind(secret.slice(0, index) + other + secret.slice(index + 1))).toBeNull();
    }
    expect(secretKind(secret.replace("tyk_", "typ_"))).toBeNull();
  });

  it("is no arbitrary text", () => {
    fc.assert(fc.property(fc.string(), (text) => secretKind(text) === null && secretKind(`typ_${text}`) === null));
  });
});

describe("where a sign-in leads", () => {
  const origin = "https://tiltyard.test";

  it.each(["/", "/projects", "/projects/a?b=c#d", "/f/%C3%A4"])("may be %s", (next) => {
    expect(safeNext(next, origin)).toBe(next);
  });

  it.each([
    undefined,
    "",
    "projects",
    "https://evil.test/",
    "//evil.test",
    "/\\evil.test",
    "/\t/evil.test",
    "/.//evil.test",
    "/..//evil.test",
    "/a/../..//evil.test",
    "javascript:alert(1)",
    "/%2e//evil.test",
  ])("may not be %j", (next) => {
    expect(safeNext(next, origin)).toBeNull();
  });

  it("is always on the same host", () => {
    const piece = fc.constantFrom("/", "\\", ".", "..", "%2e", "\t", "\n", "@", ":", "evil.test", "?", "#", " ");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const next = safeNext(`/${pieces.join("")}`, origin);
        return next === null || new URL(next, origin).host === "tiltyard.test";
      }),
      { numRuns: rounds(2_000, 100) },
    );
  });
});
