import { describe, expect, it } from "vitest";
import { outgoingUrlProblem } from "../../src/lib/outgoing-url.ts";
import { addressReach } from "../../src/lib/private-address.ts";

// Which block is what: IANA's registries of special-purpose IPv4 and IPv6 addresses, and the documentation of the clouds.

describe("an address", () => {
  it.each([
    "example.org",
    "hooks.slack.com",
    "8.8.8.8",
    "1.1.1.1",
    "11.0.0.1",
    "9.255.255.255",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "169.253.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "[2001:4860:4860::8888]",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
    "localhost.example.org",
    "xn--bcher-kva.example",
    "134744072", // 8.8.8.8
  ])("%s is public", (host) => expect(addressReach(host)).toBe("public"));

  it.each([
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "localhost.localdomain",
    "printer.local",
    "db.internal",
    "host.docker.internal",
    "router.lan",
    "nas.home.arpa",
    "postgres",
    "0",
    "0.0.0.0",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "3232235777",
    "0300.0250.1.1",
    "198.18.0.1",
    "192.0.2.1",
    "１２７.0.0.1", // full-width digits
    "①27.0.0.1",
    "::",
    "::1",
    "[::1]",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "[::ffff:10.0.0.1]",
    "::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "2001:db8::1",
    "2001::1",
    "100::1",
  ])("%s is private", (host) => expect(addressReach(host)).toBe("private"));

  it.each([
    "169.254.169.254",
    "169.254.0.1",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "255.255.255.255",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "fe80::1",
    "[fe80::1]",
    "fe80::1%eth0",
    "febf::1",
    "ff02::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "metadata.google.internal",
    "METADATA.google.internal.",
    "metadata",
    "instance-data",
  ])("%s is never called", (host) => expect(addressReach(host)).toBe("never"));

  it.each([
    "",
    " ",
    "a b",
    "a/b",
    "user@host",
    "host:80",
    "[::1]:80",
    "1.2.3.4.5",
    "256.1.1.1",
    "08.1.1.1",
    "a?b",
    "[::g]",
    ":::",
  ])("%j is none", (host) => expect(addressReach(host)).toBeNull());
});

describe("a URL to be called", () => {
  it.each(["https://hooks.slack.com/services/T0/B0/x", "http://example.org", "https://example.org:8443/a?b=c#d"])(
    "%s is taken",
    (url) => expect(outgoingUrlProblem(url, false)).toBeNull(),
  );

  it.each([
    ["example.org", "Not a valid URL"],
    ["", "Not a valid URL"],
    ["ftp://example.org/", "must start with"],
    ["javascript:alert(1)", "must start with"],
    ["file:///etc/passwd", "must start with"],
    ["https://user:secret@example.org/", "password"],
    ["https://user@example.org/", "user name"],
    ["http://169.254.169.254/latest/meta-data", "never called"],
    ["http://[fe80::1]/", "never called"],
    [`https://example.org/${"a".repeat(2_000)}`, "2000 characters"],
  ])("%s is refused, with private addresses allowed or not", (url, reason) => {
    expect(outgoingUrlProblem(url, true)).toContain(reason);
    expect(outgoingUrlProblem(url, false)).toContain(reason);
  });

  it.each([
    "http://localhost:3000/",
    "http://127.1/",
    "http://0x7f000001/",
    "http://[::1]:80/",
    "https://db.internal/",
  ])("%s is taken where private addresses are allowed, and nowhere else", (url) => {
    expect(outgoingUrlProblem(url, true)).toBeNull();
    expect(outgoingUrlProblem(url, false)).toContain("ALLOW_PRIVATE_NETWORK");
  });
});
