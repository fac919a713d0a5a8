/** Columns that an example lists; more would bury how it is written. */
const COLUMNS_MAX = 12;
const CLASSES_MAX = 20;

/** A mapping in YAML as it would be for a model with one input that takes the version's features in their order. */
export function mappingExample(columns: readonly string[], classNames: readonly string[]): string {
  const more = columns.length - COLUMNS_MAX;
  const shown = columns.slice(0, COLUMNS_MAX).map(yamlText);
  const lines =
    more > 0
      ? ["input: [", ...shown.map((name) => `  ${name},`), `  # … and the other ${more}, in the model's order`, "]"]
      : [`input: [${shown.join(", ")}]`];
  if (classNames.length > 1 && classNames.length <= CLASSES_MAX) {
    lines.push(`class_names: [${classNames.map(yamlText).join(", ")}]`);
  }
  return lines.join("\n");
}

const PLAIN = /^[A-Za-z_][\w-]*$/;
// Words that YAML does not read as texts, some of them only in its older versions.
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;

/** A text as YAML reads it: bare where that is safe, else quoted as in JSON. */
function yamlText(text: string): string {
  return PLAIN.test(text) && !RESERVED.test(text) ? text : JSON.stringify(text);
}
