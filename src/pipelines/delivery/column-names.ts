import type { NameRules } from "./table-name.ts";

/** What a database can have as a name at all, however long. */
function writable(name: string, { isWritable }: NameRules): string {
  const text = Array.from(name.toWellFormed(), (sign) => (isWritable(sign) ? sign : "_"))
    .join("")
    .trimEnd();
  return text === "" ? "_" : text;
}

/**
 * The names under which a database takes columns, no two the same to it. A name that it can take stays. One that is too long, that is its
 * own, or that it cannot tell from another one (letter case) is shortened where needed and ends with `_` and eight digits that depend on
 * the name alone: in the next run it is called the same, whatever the order of the columns.
 */
export function columnNames(names: readonly string[], rules: NameRules): string[] {
  const count = new Map<string, number>();
  for (const name of names) count.set(rules.folded(name), (count.get(rules.folded(name)) ?? 0) + 1);
  const isPlain = (name: string): boolean =>
    rules.lengthOf(name) <= rules.lengthMax &&
    writable(name, rules) === name &&
    !rules.own.has(rules.folded(name)) &&
    count.get(rules.folded(name)) === 1;
  const taken = new Set(names.filter(isPlain).map(rules.folded));
  return names.map((name) => {
    if (isPlain(name)) return name;
    let marked = withMark(name, name, rules);
    for (let more = 1; taken.has(rules.folded(marked)); more += 1) marked = withMark(name, `${name}/${more}`, rules);
    taken.add(rules.folded(marked));
    return marked;
  });
}

function withMark(name: string, marks: string, rules: NameRules): string {
  const mark = `_${mixed(marks).toString(16).padStart(8, "0")}`;
  const signs = Array.from(writable(name, rules));
  while (rules.lengthOf(signs.join("") + mark) > rules.lengthMax) signs.pop();
  return signs.join("") + mark;
}

/** FNV-1a of the text's UTF-8, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function mixed(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01_00_01_93);
  return hash >>> 0;
}
