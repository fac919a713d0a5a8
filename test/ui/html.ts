type Renderable = { toString(): string | Promise<string> };

/** The HTML of a component, as a page would send it. */
export async function html(node: unknown): Promise<string> {
  return String(await (node as Renderable).toString());
}
