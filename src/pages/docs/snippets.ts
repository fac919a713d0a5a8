import { shellWord } from "../../lib/shell-word.ts";

/** A call as a reader may copy it. */
export interface SnippetCall {
  url: string;
  body: unknown;
  /** False for a public deployment, which asks for no key. */
  needsKey: boolean;
}

/** The variable in which the snippets look for the key, so that nobody pastes one into code. */
export const KEY_VARIABLE = "TILTYARD_API_KEY";

/** For a POSIX shell. Runs as it stands once the variable holds a key. */
export function curlSnippet({ url, body, needsKey }: SnippetCall): string {
  const lines = [
    `curl -X POST ${shellWord(url)}`,
    ...(needsKey ? [`  -H "Authorization: Bearer $${KEY_VARIABLE}"`] : []),
    `  -H 'Content-Type: application/json'`,
    `  -d ${shellWord(JSON.stringify(body))}`,
  ];
  return lines.join(" \\\n");
}

/** With the package `requests`. */
export function pythonSnippet({ url, body, needsKey }: SnippetCall): string {
  const key = needsKey ? [`    headers={"Authorization": f"Bearer {os.environ['${KEY_VARIABLE}']}"},`] : [];
  return [
    ...(needsKey ? ["import os", ""] : []),
    "import requests",
    "",
    "answer = requests.post(",
    `    ${JSON.stringify(url)},`,
    ...key,
    `    json=${pythonValue(body, 1)},`,
    "    timeout=10,",
    ")",
    "answer.raise_for_status()",
    'print(answer.json()["prediction"])',
    "",
  ].join("\n");
}

/** For Node and other runtimes with `fetch` and `process.env`. */
export function javascriptSnippet({ url, body, needsKey }: SnippetCall): string {
  const key = needsKey ? [`    authorization: \`Bearer \${process.env.${KEY_VARIABLE}}\`,`] : [];
  return [
    `const response = await fetch(${JSON.stringify(url)}, {`,
    `  method: "POST",`,
    "  headers: {",
    `    "content-type": "application/json",`,
    ...key,
    "  },",
    `  body: JSON.stringify(${JSON.stringify(body, null, 2).replaceAll("\n", "\n  ")}),`,
    "});",
    "if (!response.ok) throw new Error(await response.text());",
    "const { prediction } = await response.json();",
    "console.log(prediction);",
    "",
  ].join("\n");
}

/** JSON data as Python writes it. A JSON string is also a Python string. */
function pythonValue(value: unknown, depth: number): string {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const isList = Array.isArray(value);
  const parts = isList
    ? value.map((item) => pythonValue(item, depth + 1))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${pythonValue(item, depth + 1)}`);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return open + close;
  const indent = "    ".repeat(depth + 1);
  return `${open}\n${parts.map((part) => `${indent}${part},\n`).join("")}${"    ".repeat(depth)}${close}`;
}
