/**
 * A shell command that predicts one row; it runs as it stands in sh, bash and zsh. `key` may be a shell variable such as `$KEY`;
 * null: no key is sent.
 */
export function curlCommand(url: string, features: Record<string, unknown>, key: string | null): string {
  const body = JSON.stringify({ features });
  return [
    `curl -X POST ${quoted(url)}`,
    // In double quotes, so that a variable is put in. A key has none of the characters that are special there.
    ...(key === null ? [] : [`-H "Authorization: Bearer ${key}"`]),
    `-H 'Content-Type: application/json'`,
    `-d ${quoted(body)}`,
  ].join(" \\\n  ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
