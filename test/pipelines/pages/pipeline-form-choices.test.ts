import { beforeAll, describe, expect, it } from "vitest";
import { callApi, startInstance } from "../../support/instance.ts";
import { readPage } from "../../support/page-dom.ts";
import { addConnection } from "../pipeline-fixtures.ts";
import { asHtmx, type PipelineSite, startPipelineSite } from "./pages-fixtures.ts";

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
    const answer = await asHtmx(site.browser, `${form}/draft?part=source`, chosen);
    const part = await readPage(answer);
    expect([answer.status, part.isWhole, part.byLabel("URL").attribute("name")]).toEqual([200, false, "source.url"]);
    expect(part.has("combobox", "Dataset")).toBe(false);
    const whole = await site.browser.post(`${form}/draft`, chosen);
    const page = await readPage(whole);
    expect([whole.status, page.byLabel("URL").attribute("name")]).toEqual([200, "source.url"]);
    expect(page.byLabel("Name").value).toBe("Half typed");
    // Buttons that need no JavaScript, and do not ask for all that is required first.
    const button = page.byRole("button", "Choose this kind");
    expect(button.is('noscript > [formaction$="/new/draft"][formnovalidate]')).toBe(true);
  });

  it("is the fields of a destination's kind", async () => {
    const { owner, project } = site.deployment;
    const fields = async (kind: "postgres" | "mysql" | "s3" | "http") => {
      const id = await addConnection(owner, project, kind);
      const sent = typed({ "destinations[2].connection_id": id });
      const part = await readPage(await asHtmx(site.browser, `${form}/draft?part=destination-2`, sent));
      return part.all('[name^="destinations[2]."]').map((field) => field.attribute("name")?.split(".")[1]);
    };
    expect(await fields("postgres")).toEqual(["table", "mode", "key_columns", "run_columns", "challenger"]);
    expect(await fields("mysql")).toEqual(["table", "mode", "key_columns", "run_columns", "challenger"]);
    expect(await fields("s3")).toEqual(["key_pattern", "format", "challenger"]);
    expect(await fields("http")).toEqual(["challenger"]);
  });

  it("is the expression of a preset with its next five runs", async () => {
    const sent = typed({ "schedule.preset": "daily", "schedule.timezone": "Asia/Tokyo" });
    const part = await readPage(await asHtmx(site.browser, `${form}/draft?part=schedule`, sent));
    expect(part.byLabel("Cron expression").value).toBe("0 6 * * *");
    expect(part.text).toContain("Runs at 06:00");
    const slots = part.allByRole("listitem").map(({ text }) => /, (\d\d:\d\d) /.exec(text)?.[1]);
    expect(slots).toEqual(["06:00", "06:00", "06:00", "06:00", "06:00"]);
    expect(part.all('datalist option[value="Europe/Paris"]')).toHaveLength(1);
  });

  it("is the next runs of an expression while it is typed, or what is wrong with it", async () => {
    const preview = async (cron: string) => {
      const schedule = { "schedule.preset": "own", "schedule.filled": "own", "schedule.timezone": "UTC" };
      const sent = typed({ ...schedule, "schedule.cron": cron, "schedule.starts_at": "nonsense" });
      return (await readPage(await asHtmx(site.browser, `${form}/draft?part=runs`, sent))).text;
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
    expect(await preview("0 0 30 2 *")).toContain("Never occurs");
    expect(await preview("")).toContain("The next runs are shown here.");
  });
});
