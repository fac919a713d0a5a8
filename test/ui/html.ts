type Renderable = { toString(): string | Promise<string> };

/** The HTML of a component, as a page would send it. */
export async function html(node: unknown): Promise<string> {
  return String(await (node as Renderable).toString());
}

/** The opening tags of one element in order of appearance. */
export function tags(markup: string, name: string): string[] {
  return markup.match(new RegExp(`<${name}(?=[\\s>/])[^>]*>`, "g")) ?? [];
}

/** An attribute's value, entities decoded; undefined when it is absent. */
export function attribute(tag: string | undefined, name: string): string | undefined {
  const found = tag?.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found?.[1] === undefined ? undefined : decode(found[1]);
}

function decode(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
