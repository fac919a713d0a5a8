import { queryAllByLabelText, queryAllByRole } from "@testing-library/dom";
import { parseHTML } from "linkedom";

/** What is used of the DOM here: the types of the Worker have none. */
interface DomNode {
  readonly nodeType: number;
  readonly textContent: string;
  readonly childNodes: Iterable<DomNode>;
}

interface DomElement extends DomNode {
  readonly localName: string;
  readonly ownerDocument: DomDocument;
  readonly nextElementSibling: DomElement | null;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  matches(selector: string): boolean;
  closest(selector: string): DomElement | null;
  querySelectorAll(selector: string): Iterable<DomElement>;
}

interface DomDocument {
  readonly body: DomElement;
  readonly documentElement: DomElement;
  readonly defaultView: object;
  getElementById(id: string): DomElement | null;
}

const TEXT_NODE = 3;
const UNREAD = new Set(["script", "style", "template"]);

/**
 * A part of a page, read as a person finds it: by role and name, or by label. Names are whole accessible names, with blanks collapsed.
 * A part that is missing, or there twice, is an error that lists what is there.
 */
export class PagePart {
  readonly #element: DomElement;

  constructor(element: DomElement) {
    this.#element = element;
  }

  /** The one part with this role (and name). What is hidden does not count. */
  byRole(role: string, name?: string | RegExp): PagePart {
    return this.#one(this.allByRole(role, name), `${role} ${name ?? ""}`, () => names(this.allByRole(role)));
  }

  allByRole(role: string, name?: string | RegExp): PagePart[] {
    return parts(queryAllByRole(this.#element as never, role, name === undefined ? {} : { name }));
  }

  has(role: string, name?: string | RegExp): boolean {
    return this.allByRole(role, name).length > 0;
  }

  /** The one control with this label; the word "optional" may be left out. */
  byLabel(label: string | RegExp): PagePart {
    const isSought = (text: string) => text === label || text === `${label} optional`;
    const found = parts(queryAllByLabelText(this.#element as never, typeof label === "string" ? isSought : label));
    return this.#one(found, `label ${label}`, () => names(this.all("label, [aria-label]")));
  }

  /** The one control that is sent by this name, where no label tells it from others. */
  byName(name: string): PagePart {
    return this.css(`[name="${name}"]`);
  }

  /** The one link with this text. */
  link(name: string | RegExp): PagePart {
    return this.byRole("link", name);
  }

  /** Where the links lead, in their order. */
  get links(): string[] {
    return this.all("a[href]").map((link) => link.attribute("href") ?? "");
  }

  /** The one form that is sent there. */
  form(action: string): PagePart {
    return this.#one(
      this.all("form").filter((form) => form.attribute("action") === action),
      `form ${action}`,
      () => this.actions,
    );
  }

  /** Where the forms are sent. */
  get actions(): string[] {
    return this.all("form").map((form) => form.attribute("action") ?? "");
  }

  /** What stands beside a term of a list of facts. */
  fact(term: string): string {
    const found = this.all("dt").filter(({ text }) => text === term);
    const value = this.#one(found, `term ${term}`, () => names(this.all("dt"))).#element.nextElementSibling;
    return value === null ? "" : wordsOf(value);
  }

  /** The rows of a table's body, or of all tables within: the words of each cell. */
  get rows(): string[][] {
    return this.all("tbody tr").map((row) => row.cells);
  }

  /** The one row of a table's body whose header (or first cell) reads so. */
  row(header: string | RegExp): PagePart {
    const heads = this.all("tbody tr").flatMap((row) =>
      row
        .all("th, td")
        .slice(0, 1)
        .map((head) => ({ row, head })),
    );
    const found = heads.filter(({ head }) =>
      typeof header === "string" ? head.text === header : header.test(head.text),
    );
    return this.#one(
      found.map(({ row }) => row),
      `row ${header}`,
      () => heads.map(({ head }) => head.text),
    );
  }

  /** The words of a row's cells. */
  get cells(): string[] {
    return this.all("th, td").map(({ text }) => text);
  }

  /** The cell of a row below this header of its table. */
  cell(header: string): PagePart {
    const table = this.#element.closest("table");
    const headers = table === null ? [] : new PagePart(table).all("thead th").map(({ text }) => text);
    const found = this.all("th, td").filter((_, index) => headers[index] === header);
    return this.#one(found, `cell ${header}`, () => headers);
  }

  /** The one element that a selector of CSS names: for what no person can name. */
  css(selector: string): PagePart {
    return this.#one(this.all(selector), selector, () => []);
  }

  all(selector: string): PagePart[] {
    return parts(this.#element.querySelectorAll(selector));
  }

  /** The elements at the top of what htmx gets, by their ids. */
  get ids(): (string | null)[] {
    return this.all(":scope > *").map((child) => child.attribute("id"));
  }

  /** False for what htmx gets: a part without a document around it. */
  get isWhole(): boolean {
    return this.#element.localName === "html";
  }

  /** The words in it, with one blank between the words of different elements. */
  get text(): string {
    return wordsOf(this.#element);
  }

  /** The text as it stands, with every blank: code, and the data of scripts. */
  get source(): string {
    return this.#element.textContent;
  }

  /** null where the attribute is not set. */
  attribute(name: string): string | null {
    return this.#element.getAttribute(name);
  }

  get href(): string | null {
    return this.attribute("href");
  }

  is(selector: string): boolean {
    return this.#element.matches(selector);
  }

  /** What a control holds: the chosen option's value, or the text. */
  get value(): string {
    if (this.#element.localName === "select") return this.chosen.attribute("value") ?? "";
    if (this.#element.localName !== "textarea") return this.attribute("value") ?? "";
    // The parser leaves the entities in it; HTML drops the first newline.
    return parsePage(`<title>${this.source}</title>`).css("title").source.replace(/^\n/, "");
  }

  /** The chosen option; the first one, where none is marked, as browsers do. */
  get chosen(): PagePart {
    const options = this.all("option");
    const marked = options.filter((option) => option.is("[selected]"));
    return this.#one(marked.length > 0 ? marked : options.slice(0, 1), "chosen option", () => names(options));
  }

  get isChecked(): boolean {
    return this.is("[checked]");
  }

  /** What is said to be wrong with a control or a group of them; null when nothing is. */
  get problem(): string | null {
    const ids = this.attribute("aria-describedby")?.split(" ") ?? [];
    const notes = ids.map((id) => {
      const note = this.#element.ownerDocument.getElementById(id);
      if (note === null) throw new Error(`The page has no ${id}, which is to describe a control.`);
      return new PagePart(note);
    });
    const [problem] = notes.filter((note) => note.is(".field-error"));
    const isMarked = this.attribute("aria-invalid") === "true";
    if (!this.is("fieldset") && isMarked !== (problem !== undefined))
      throw new Error(`Marked as wrong: ${isMarked}, said: ${problem?.text}`);
    return problem?.text ?? null;
  }

  #one(found: PagePart[], sought: string, present: () => string[]): PagePart {
    const [part] = found;
    if (part !== undefined && found.length === 1) return part;
    const others = present()
      .slice(0, 40)
      .map((text) => JSON.stringify(text));
    throw new Error(
      `${found.length} of ${sought.trim()}. The page has: ${others.join(", ") || this.text.slice(0, 1000)}`,
    );
  }
}

/** A page, or the part of one that htmx gets. */
export function parsePage(html: string): PagePart {
  const isWhole = /^\s*(<!doctype|<html)/i.test(html);
  const { document } = parseHTML(isWhole ? html : `<!doctype html><html><body>${html}</body></html>`) as unknown as {
    document: DomDocument;
  };
  // What Testing Library asks for, and linkedom lacks: how things are displayed, and which labels a control has.
  Object.assign(document.defaultView, { getComputedStyle: styleOf });
  tieLabels(document.documentElement);
  return new PagePart(isWhole ? document.documentElement : document.body);
}

/** The page of an answer. */
export async function readPage(response: Response): Promise<PagePart> {
  return parsePage(await response.text());
}

const CONTROLS = "button, input, meter, output, progress, select, textarea";

function tieLabels(root: DomElement): void {
  const byId = new Map([...root.querySelectorAll("[id]")].map((element) => [element.getAttribute("id"), element]));
  const labels = Map.groupBy(root.querySelectorAll("label"), (label) =>
    label.hasAttribute("for") ? byId.get(label.getAttribute("for")) : [...label.querySelectorAll(CONTROLS)][0],
  );
  for (const control of root.querySelectorAll(CONTROLS)) {
    Object.assign(control, { labels: labels.get(control) ?? [] });
  }
}

/** Without style sheets: what the markup alone hides. */
function styleOf(element: DomElement) {
  const isHidden = element.matches("[hidden], dialog:not([open])");
  const style: Record<string, string> = { display: isHidden ? "none" : "block", visibility: "visible" };
  return { ...style, getPropertyValue: (name: string) => style[name] ?? "" };
}

function wordsOf(element: DomElement): string {
  return rawWords(element)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/ (?=[.,:;)])|(?<=\() /g, "")
    .trim();
}

function rawWords(node: DomNode | DomElement): string {
  if (node.nodeType === TEXT_NODE) return node.textContent;
  if ("localName" in node && UNREAD.has(node.localName)) return "";
  const inner = [...node.childNodes].map(rawWords).join("");
  return "localName" in node && node.localName !== "wbr" ? ` ${inner} ` : inner;
}

function parts(elements: Iterable<unknown>): PagePart[] {
  return [...elements].map((element) => new PagePart(element as DomElement));
}

function names(found: PagePart[]): string[] {
  return found.map((part) => part.attribute("aria-label") ?? part.text);
}
