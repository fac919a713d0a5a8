import { z } from "zod";
import { AppError } from "./errors.ts";

const NAMED_MAX = 20;

/**
 * Refuses members of a JSON body that `schema` does not know, with 422 and their places: a mistyped name would be ignored in silence. What
 * a schema declares to be open (a record, a loose object) is. `value` is what came in, and fits the schema.
 */
export function refuseUnknownMembers(schema: z.ZodType, value: unknown): void {
  const paths = unknownIn(schema, value).map((path) => pathText(path).slice(0, 200));
  if (paths.length > 0) throw unknownNames("member", paths);
}

/** The same for the words of a query. */
export function refuseUnknownWords(known: readonly string[], words: readonly string[]): void {
  const unknown = words.filter((word) => !known.includes(word)).map((word) => word.slice(0, 200));
  if (unknown.length > 0) throw unknownNames("query parameter", unknown);
}

function unknownNames(what: string, names: readonly string[]): AppError {
  const listed = names.slice(0, NAMED_MAX);
  const message = `Unknown ${what}${names.length === 1 ? "" : "s"}: ${listed.join(", ")}. Remove ${names.length === 1 ? "it" : "them"}, or correct the name.`;
  const errors = listed.map((path) => ({ path, message: `This ${what} is unknown.` }));
  return new AppError("invalid_input", message, { errors });
}

type Path = PropertyKey[];

function unknownIn(schema: z.core.$ZodType, value: unknown): Path[] {
  if (schema instanceof z.ZodObject) return isObject(value) ? unknownInObject(schema, value) : [];
  if (schema instanceof z.ZodArray) {
    if (!Array.isArray(value)) return [];
    return value.flatMap((item: unknown, index) => behind(index, unknownIn(schema.element, item)));
  }
  if (schema instanceof z.ZodRecord) {
    if (!isObject(value)) return [];
    return Object.entries(value).flatMap(([name, item]) => behind(name, unknownIn(schema.valueType, item)));
  }
  if (schema instanceof z.ZodUnion) return unknownInUnion(schema.options, value);
  if (schema instanceof z.ZodPipe) return unknownIn(schema.in, value);
  if (schema instanceof z.ZodLazy) return unknownIn(schema.unwrap(), value);
  if (isWrapper(schema)) return value === undefined || value === null ? [] : unknownIn(schema.unwrap(), value);
  return [];
}

function unknownInObject(schema: z.ZodObject, value: object): Path[] {
  if (schema.def.catchall !== undefined) return [];
  const known = new Map(Object.entries(schema.shape));
  return Object.entries(value).flatMap(([name, item]) => {
    const member = known.get(name);
    return member ? behind(name, unknownIn(member, item)) : [[name]];
  });
}

/** Of the options that take the value, that which knows most of it. */
function unknownInUnion(options: readonly z.core.$ZodType[], value: unknown): Path[] {
  const unknown = options
    .filter((option) => z.safeParse(option, value).success)
    .map((option) => unknownIn(option, value));
  return unknown.sort((one, other) => one.length - other.length)[0] ?? [];
}

function behind(name: PropertyKey, paths: Path[]): Path[] {
  return paths.map((path) => [name, ...path]);
}

function isWrapper(schema: z.core.$ZodType): schema is z.core.$ZodType & { unwrap(): z.core.$ZodType } {
  return (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodCatch
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `["rows", 3, "age"]` as `rows[3].age`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}
