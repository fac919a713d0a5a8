import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { inspectPage, type Look, takeLook } from "./inspect-page.ts";

export interface VisitorOptions {
  url: string;
  javaScript: boolean;
  /** How this person sees the pages, in turns. */
  looks: readonly [Look, ...Look[]];
  /** Inspects a page at each visit, and not only the first time. */
  isThorough: boolean;
}

/** How long a person waits for work that goes on behind a page, such as the trial of a model. */
const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 300;
/** What differs between the addresses of two pages of one kind. */
const IDS = /\b[a-z]+_[0-9a-z]{20}\b|(?<=\/)[0-9a-z-]*\d[0-9a-z-]*/g;

/** A person at a browser. Looks closely at each page that is reached, and keeps what is wrong with it. */
export class Visitor {
  readonly page: Page;
  readonly javaScript: boolean;
  readonly #context: BrowserContext;
  readonly #options: VisitorOptions;
  readonly #inspected = new Set<string>();
  #look: Look;
  #faults: string[] = [];
  #refusal: number | null = null;

  private constructor(context: BrowserContext, page: Page, options: VisitorOptions) {
    this.#context = context;
    this.page = page;
    this.#options = options;
    this.javaScript = options.javaScript;
    [this.#look] = options.looks;
    // Violations of the content security policy come as errors on the console.
    page.on("console", (message) => {
      const isRefusal = this.#refusal !== null && message.text().includes(`status of ${this.#refusal}`);
      if (["error", "warning"].includes(message.type()) && !isRefusal) this.#note(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.#note(`uncaught: ${error.stack ?? error.message}`));
    page.on("crash", () => this.#note("the page crashed"));
  }

  static async arrive(browser: Browser, options: VisitorOptions): Promise<Visitor> {
    const context = await browser.newContext({
      baseURL: options.url,
      javaScriptEnabled: options.javaScript,
      locale: "en-GB",
      timezoneId: "Europe/Paris",
      // A colour on its way to another one has no contrast of its own.
      reducedMotion: "reduce",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await takeLook(page, options.looks[0]);
    return new Visitor(context, page, options);
  }

  /** What has been found wrong since the last time. */
  takeFaults(): string[] {
    return this.#faults.splice(0);
  }

  /** The address of the page and what it says, for the message of a test that failed there. */
  async whereabouts(): Promise<string> {
    const text = await this.main.innerText({ timeout: 1_000 }).catch(() => "(no main part)");
    return `${this.page.url()}, ${this.#look.width} px:\n${text.slice(0, 3_000)}`;
  }

  async leave(): Promise<void> {
    await this.#context.close();
  }

  get isNarrow(): boolean {
    return this.#look.width < 1000;
  }

  get main(): Locator {
    return this.page.getByRole("main");
  }

  /** Does what leads to another page, waits for it, and inspects it. */
  async go(action: () => Promise<unknown>): Promise<void> {
    await Promise.all([this.page.waitForEvent("load"), action()]);
    const address = new URL(this.page.url()).pathname.replaceAll(IDS, "*");
    if (this.#inspected.has(address) && !this.#options.isThorough) return;
    this.#inspected.add(address);
    await this.inspect();
  }

  async open(path: string): Promise<void> {
    await this.go(() => this.page.goto(path));
  }

  async follow(name: string | RegExp, within: Locator = this.main): Promise<void> {
    await this.go(() => within.getByRole("link", { name, exact: true }).first().click());
  }

  async press(name: string | RegExp, within: Locator = this.main): Promise<void> {
    await this.go(() => within.getByRole("button", { name, exact: true }).first().click());
  }

  /** Sends a form that the server refuses with `status`: the browser then reports a failed load, which is no fault. */
  async pressRefused(name: string, status: number): Promise<void> {
    this.#refusal = status;
    await this.press(name);
    this.#refusal = null;
  }

  /** Goes to a page of the open project by the sidebar. */
  async visit(section: string): Promise<void> {
    if (this.isNarrow) await this.openMenu();
    await this.follow(section, this.page.getByRole("navigation", { name: "Main" }));
  }

  /** Goes to a section of the open deployment. */
  async openTab(tab: string): Promise<void> {
    await this.follow(tab, this.page.getByRole("navigation", { name: "Sections of the deployment" }));
  }

  /** Opens the sidebar of a narrow page. */
  async openMenu(): Promise<void> {
    await this.page.getByRole("button", { name: "Menu", exact: true }).click();
  }

  /** The control with this label. */
  field(label: string): Locator {
    return this.main.getByLabel(new RegExp(`^${label} ?(optional)?$`)).first();
  }

  async fill(fields: Record<string, string>): Promise<void> {
    for (const [label, value] of Object.entries(fields)) await this.field(label).fill(value);
  }

  /** Chooses the option that begins with `start`, once it is offered. */
  async choose(label: string, start: string): Promise<void> {
    const option = this.field(label).locator("option").filter({ hasText: start }).first();
    await option.waitFor({ state: "attached" });
    await this.field(label).selectOption(await option.getAttribute("value"));
  }

  async upload(label: string, name: string, content: string | Uint8Array): Promise<void> {
    const mimeType = name.endsWith(".csv") ? "text/csv" : "application/octet-stream";
    await this.field(label).setInputFiles({ name, mimeType, buffer: Buffer.from(content) });
  }

  async download(name: string): Promise<Buffer> {
    const [download] = await Promise.all([
      this.page.waitForEvent("download"),
      this.main.getByRole("link", { name }).first().click(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** Follows a link to what asks for the name of a thing, a dialog or a page, and confirms there. */
  async confirm(link: string | RegExp, name: string, verb: string): Promise<void> {
    if (!this.javaScript) await this.follow(link);
    else await this.main.getByRole("link", { name: link }).last().click();
    const dialog = this.page.getByRole("dialog");
    const place = (await dialog.count()) > 0 ? dialog : this.main;
    await this.inspect();
    await place.getByRole("textbox", { name }).fill(name);
    await this.press(verb, place);
  }

  /** Waits until the page shows `place`: it comes by itself with JavaScript, and by loading the page again without. */
  async await(place: Locator): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!this.javaScript && (await place.count()) === 0 && Date.now() < deadline) {
      await this.page.waitForTimeout(LOOK_AGAIN_MS);
      await this.page.reload();
    }
    await place.first().waitFor();
    await this.inspect();
  }

  /** Inspects the page as it stands, in each of the looks. The last one stays: people do what they do at both widths. */
  async inspect(): Promise<void> {
    const { looks } = this.#options;
    const start = looks.indexOf(this.#look);
    for (const turn of looks.keys()) {
      this.#look = looks[(start + turn) % looks.length] ?? this.#look;
      if (turn > 0) await takeLook(this.page, this.#look);
      await this.inspectLook();
    }
  }

  /** Inspects the page in the present look only: what is open would close when the window changes. */
  async inspectLook(): Promise<void> {
    const { width, colorScheme } = this.#look;
    for (const fault of await inspectPage(this.page, this.javaScript))
      this.#note(`${width} px, ${colorScheme}: ${fault}`);
  }

  #note(fault: string): void {
    const { pathname, search } = new URL(this.page.url());
    this.#faults.push(`${pathname}${search}: ${fault}`);
  }
}
