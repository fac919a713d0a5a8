/**
 * Where a host name or address leads, as far as it shows: `public`, `private` (this machine, a network of one's own), or `never` (link-local
 * addresses, where clouds keep the credentials of machines, the names of such services, multicast and reserved addresses). A public name may still
 * lead to a private address: that is for the network to refuse.
 */
export type AddressReach = "public" | "private" | "never";

/** An IPv4 block as first address and length of its prefix. */
type Block = readonly [address: string, bits: number];

// IANA's registry of special-purpose IPv4 addresses, and the addresses at which clouds answer their machines: 168.63.129.16 (Azure),
// 100.100.100.200 (Alibaba), 192.0.0.192 (Oracle).
const NEVER_V4: readonly Block[] = [
  ["169.254.0.0", 16],
  ["168.63.129.16", 32],
  ["100.100.100.200", 32],
  ["192.0.0.192", 32],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
const PRIVATE_V4: readonly Block[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
];

/** Amazon's and Google's metadata services over IPv6. */
const NEVER_V6 = new Set(["fd00:ec2:0:0:0:0:0:254", "fd20:ce:0:0:0:0:0:254"]);

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
  if (name.startsWith("[")) return reachOfV6(groupsOf(name.slice(1, -1)));
  const v4 = numberOfV4(name);
  return v4 === null ? reachOfName(name) : reachOfV4(v4);
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

function reachOfV4(address: number): AddressReach {
  const isIn = ([first, bits]: Block) => {
    const size = 2 ** (32 - bits);
    return Math.floor(address / size) === Math.floor((numberOfV4(first) ?? 0) / size);
  };
  if (NEVER_V4.some(isIn)) return "never";
  return PRIVATE_V4.some(isIn) ? "private" : "public";
}

function reachOfV6(groups: readonly number[]): AddressReach {
  const [first = 0, second = 0] = groups;
  const embedded = embeddedV4(groups);
  if (embedded !== null) return reachOfV4(embedded);
  if (NEVER_V6.has(groups.map((group) => group.toString(16)).join(":"))) return "never";
  // fe80::/10 link-local, ff00::/8 multicast.
  if ((first & 0xffc0) === 0xfe80 || first >= 0xff00) return "never";
  const isGlobalUnicast = (first & 0xe000) === 0x2000;
  // 2001::/23 holds Teredo and other protocols; 2001:db8::/32 and 3fff::/20 are for documentation.
  const isSpecial = (first === 0x2001 && (second < 0x200 || second === 0xdb8)) || (first === 0x3fff && second < 0x1000);
  return isGlobalUnicast && !isSpecial ? "public" : "private";
}

/** The IPv4 address that an IPv6 address stands for: mapped, compatible, NAT64 and 6to4 ones. */
function embeddedV4(groups: readonly number[]): number | null {
  const [first = 0, second = 0, third = 0, , , sixth = 0, seventh = 0, eighth = 0] = groups;
  const low = seventh * 65_536 + eighth;
  const startsEmpty = groups.slice(0, 5).every((group) => group === 0);
  if (startsEmpty && sixth === 0xffff) return low;
  // :: and ::1 stand for no IPv4 address; both are this machine, as 0.0.0.0 is.
  if (startsEmpty && sixth === 0) return low <= 1 ? 0 : low;
  if (first === 0x64 && second === 0xff9b && groups.slice(2, 6).every((group) => group === 0)) return low;
  return first === 0x2002 ? second * 65_536 + third : null;
}

/** The eight groups of an IPv6 address that the URL parser has written. */
function groupsOf(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const read = (part: string) => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const [before, after] = [read(head), read(tail ?? "")];
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: missing }, () => 0), ...after];
}

function numberOfV4(text: string): number | null {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  return match && match.slice(1).reduce((sum, part) => sum * 256 + Number(part), 0);
}
