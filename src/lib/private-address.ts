import ipaddr, { type IPv4, type IPv6 } from "ipaddr.js";

/**
 * Where a host name or address leads, as far as it shows: `public`, `private` (this machine, a network of one's own), or `never`
 * (link-local addresses, where clouds keep the credentials of machines, the names of such services, multicast and reserved addresses). A
 * public name may still lead to a private address: that is for the network to refuse.
 */
export type AddressReach = "public" | "private" | "never";

/** An address of one of these ranges is never called. */
const NEVER_RANGES = new Set(["linkLocal", "multicast", "broadcast"]);
// What is reserved for the future, and the addresses at which clouds answer their machines: Azure, Alibaba, Oracle, Amazon and Google.
const NEVER = [
  "240.0.0.0/4",
  "168.63.129.16/32",
  "100.100.100.200/32",
  "192.0.0.192/32",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
].map((block) => ipaddr.parseCIDR(block));

/** The only IPv6 addresses that lead into the Internet: the library calls any address unicast of which it knows nothing. */
const GLOBAL_V6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** IPv6 addresses that stand for an IPv4 one, and where its bytes begin: mapped, NAT64, 6to4, and compatible ones with :: and ::1. */
const EMBEDDING = [
  { block: ipaddr.IPv6.parseCIDR("::ffff:0:0/96"), offset: 12 },
  { block: ipaddr.IPv6.parseCIDR("64:ff9b::/96"), offset: 12 },
  { block: ipaddr.IPv6.parseCIDR("2002::/16"), offset: 2 },
  { block: ipaddr.IPv6.parseCIDR("::/96"), offset: 12 },
];

const NEVER_NAMES = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
]);
const PRIVATE_ENDINGS = [
  "localhost",
  "localdomain",
  "local",
  "internal",
  "intranet",
  "private",
  "corp",
  "home",
  "lan",
  "home.arpa",
];

/**
 * Says where `host` leads: a name, an IPv4 address in any form that resolvers take (dotted, one number, octal, hexadecimal), or an IPv6
 * address with or without brackets. Null for text that is not a host. Pure: nothing is looked up.
 */
export function addressReach(host: string): AddressReach | null {
  const name = canonicalHost(host);
  if (name === null) return null;
  if (name.startsWith("[")) return reachOfV6(ipaddr.IPv6.parse(name.slice(1, -1)));
  return ipaddr.IPv4.isValidFourPartDecimal(name) ? reachOfAddress(ipaddr.IPv4.parse(name)) : reachOfName(name);
}

/** The host as URLs write it: lower case, numbers of IPv4 as four decimal ones, IPv6 in brackets. */
function canonicalHost(host: string): string | null {
  // Zone ids name an interface of this machine; the URL parser takes none.
  const bare = host.trim().replace(/%[^\]]*(?=\]?$)/, "");
  const isV6 = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(bare);
  const text = isV6 ? `[${bare}]` : bare;
  if (!/^(\[[0-9a-f:.]+\]|[^\s:/\\?#@[\]%<>^|]+)$/i.test(text)) return null;
  const url = `http://${text}/`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/\.$/, "") : null;
}

function reachOfName(name: string): AddressReach {
  if (NEVER_NAMES.has(name)) return "never";
  // A name without a dot is looked up in the network of whoever asks.
  if (!name.includes(".")) return "private";
  return PRIVATE_ENDINGS.some((ending) => name.endsWith(`.${ending}`)) ? "private" : "public";
}

function reachOfV6(address: IPv6): AddressReach {
  const embedding = EMBEDDING.find(({ block }) => address.match(block));
  if (embedding) {
    const { offset } = embedding;
    return reachOfAddress(new ipaddr.IPv4(address.toByteArray().slice(offset, offset + 4)));
  }
  const reach = reachOfAddress(address);
  return reach === "public" && !address.match(GLOBAL_V6) ? "private" : reach;
}

function reachOfAddress(address: IPv4 | IPv6): AddressReach {
  const range = address.range();
  if (NEVER_RANGES.has(range) || ipaddr.subnetMatch(address, { never: NEVER }, "") === "never") return "never";
  return range === "unicast" ? "public" : "private";
}
