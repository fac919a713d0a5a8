const TEXTS = import.meta.glob<string>("./files/*.csv", { query: "?raw", import: "default", eager: true });
const MODELS = import.meta.glob<string>("./files/*.onnx", { query: "?inline", import: "default", eager: true });

/** The text of a CSV in `files/`. */
export function caseText(name: string): string {
  return present(TEXTS[`./files/${name}`], name);
}

/** The bytes of a model in `files/`. */
export function caseModel(name: string): Uint8Array {
  const data = present(MODELS[`./files/${name}`], name);
  return Uint8Array.from(atob(data.slice(data.indexOf(",") + 1)), (character) => character.charCodeAt(0));
}

function present(content: string | undefined, name: string): string {
  if (content === undefined) throw new Error(`test/cases/files has no ${name}`);
  return content;
}
