/** An answer of the API, with its JSON body at hand. */
export class Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON of any kind, else the text; null when it is empty. */
  readonly body: unknown;

  private constructor(response: Response, body: unknown) {
    this.status = response.status;
    this.headers = response.headers;
    this.body = body;
  }

  static async of(response: Response): Promise<Answer> {
    const text = await response.text();
    const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
    return new Answer(response, text === "" ? null : isJson ? JSON.parse(text) : text);
  }

  /** What stands at a path such as `user.id` or `items.0.name`; undefined where there is nothing. */
  at(path: string): unknown {
    let value = this.body;
    for (const key of path.split(".")) {
      value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
    }
    return value;
  }

  /** The text at a path; throws with the whole body when there is none, so that a failing test says why. */
  text(path: string): string {
    const value = this.at(path);
    if (typeof value === "string") return value;
    throw new Error(`No text at ${path} of the ${this.status} answer ${JSON.stringify(this.body)}`);
  }

  /** What stands at `path` of each of the list's items. */
  each(path: string): unknown[] {
    const items = this.at("items");
    if (!Array.isArray(items)) throw new Error(`The ${this.status} answer has no items: ${JSON.stringify(this.body)}`);
    return items.map((_, index) => this.at(`items.${index}.${path}`));
  }
}
