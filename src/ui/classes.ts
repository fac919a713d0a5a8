/** Joins the class names that are given, in order; undefined when all are empty, so that no empty attribute is written. */
export function classes(...names: (string | false | undefined)[]): string | undefined {
  const given = names.filter((name) => name !== undefined && name !== false && name !== "");
  return given.length === 0 ? undefined : given.join(" ");
}
