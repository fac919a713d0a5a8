import { shellWord } from "../../lib/shell-word.ts";

/**
 * A shell command that predicts one row; it runs as it stands in sh, bash and zsh. `key` may be a shell variable such as `$KEY`;
 * null: no key is sent.
 */
export function curlCommand(url: string, features: Record<string, unknown>, key: string | null): string {
  return postCommand(url, { json: { features } }, key);
}

/** A shell command that posts JSON, or the CSV file of a name; as curlCommand. */
export function postCommand(url: string, body: { json: unknown } | { csvFile: string }, key: string | null): string {
  const [type, data] =
    "json" in body
      ? ["application/json", `-d ${shellWord(JSON.stringify(body.json))}`]
      : ["text/csv", `--data-binary ${shellWord(`@${body.csvFile}`)}`];
  return [
    `curl -X POST ${shellWord(url)}`,
    // In double quotes, so that a variable is put in. A key has none of the characters that are special there.
    ...(key === null ? [] : [`-H "Authorization: Bearer ${key}"`]),
    `-H 'Content-Type: ${type}'`,
    data,
  ].join(" \\\n  ");
}
