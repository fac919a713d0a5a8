import { beforeAll, describe, expect, it } from "vitest";
import { callApi, startInstance } from "../../support/instance.ts";
import { addConnection } from "../pipeline-fixtures.ts";
import { asHtmx, fieldOf, type PipelineSite, startPipelineSite, wordsOf } from "./pages-fixtures.ts";

let site: PipelineSite;
let form: string;

beforeAll(async () => {
  await startInstance();
  site = await startPipelineSite();
  form = `${site.path}/new`;
});

/** A form that is half filled in. */
function typed(more: Record<string, string> = {}): Record<string, string> {
  return { name: "Half typed", deployment_id: site.deployment.id, "source.kind": "dataset", ...more };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"];

describe("what follows from a choice", () => {
  it("comes as a part of the form for htmx, and as the whole form without JavaScript", async () => {
    const chosen = typed({ "source.kind": "url" });
    const part = await asHtmx(site.browser, `${form}/draft?part=source`, chosen);
    const html = await part.text();
    expect([part.status, html.includes("<html"), html.includes('name="source.url"')]).toEqual([200, false, true]);
    expect(html).not.toContain('<select class="input" id="field-source_2e_dataset_5f_id"');
    const whole = await site.browser.post(`${form}/draft`, chosen);
    const page = await whole.text();
    expect([whole.status, page.includes('name="source.url"')]).toEqual([200, true]);
    expect(fieldOf(page, "name").value).toBe("Half typed");
    // Buttons that need no JavaScript, and do not ask for all that is required first.
    expect(page).toMatch(/<noscript><button[^>]*formaction="[^"]*\/new\/draft" formnovalidate/);
  });

  it("is the fields of a destination's kind", async () => {
    const { owner, project } = site.deployment;
    const fields = async (kind: "postgres" | "mysql" | "s3" | "http") => {
      const id = await addConnection(owner, project, kind);
      const sent = typed({ "destinations[2].connection_id": id });
      const html = await (await asHtmx(site.browser, `${form}/draft?part=destination-2`, sent)).text();
      return [...html.matchAll(/name="destinations\[2\]\.(\w+)"/g)].map(([, name]) => name);
    };
    expect(await fields("postgres")).toEqual(["table", "mode", "key_columns", "challenger"]);
    expect(await fields("mysql")).toEqual(["table", "mode", "key_columns", "challenger"]);
    expect(await fields("s3")).toEqual(["key_pattern", "format", "challenger"]);
    expect(await fields("http")).toEqual(["challenger"]);
  });

  it("is the expression of a preset with its next five runs", async () => {
    const sent = typed({ "schedule.preset": "daily", "schedule.timezone": "Asia/Tokyo" });
    const html = await (await asHtmx(site.browser, `${form}/draft?part=schedule`, sent)).text();
    expect(fieldOf(html, "schedule.cron").value).toBe("0 6 * * *");
    expect(wordsOf(html)).toContain("Runs at 06:00");
    const slots = [...html.matchAll(/<li>(\w{3}, [^<{]*, \d\d:\d\d)/g)].map(([, text]) => text?.slice(-5));
    expect(slots).toEqual(["06:00", "06:00", "06:00", "06:00", "06:00"]);
    expect(html).toContain('<option value="Europe/Paris"');
  });

  it("is the next runs of an expression while it is typed, or what is wrong with it", async () => {
    const preview = async (cron: string) => {
      const schedule = { "schedule.preset": "own", "schedule.filled": "own", "schedule.timezone": "UTC" };
      const sent = typed({ ...schedule, "schedule.cron": cron, "schedule.starts_at": "nonsense" });
      return wordsOf(await (await asHtmx(site.browser, `${form}/draft?part=runs`, sent)).text());
    };
    const { owner } = site.deployment;
    const asked = await callApi("GET", "/api/v1/schedule?cron=5+4+*+*+1&timezone=UTC", undefined, owner.token);
    const said = await preview("5 4 * * 1");
    for (const at of asked.at("next_runs") as string[])
      expect(said).toContain(
        `${Number(at.slice(8, 10))} ${MONTHS[Number(at.slice(5, 7)) - 1]} ${at.slice(0, 4)}, 04:05`,
      );
    expect(await preview("5 4 * *")).toContain("Must have five fields");
    expect(await preview("61 4 * * *")).toContain("Cannot be read as a cron expression.");
    expect(await preview("0 0 30 2 *")).toContain("Never comes true");
    expect(await preview("")).toContain("The next runs are shown here.");
  });
});
