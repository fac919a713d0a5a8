import { beforeAll, describe, expect, it } from "vitest";
import { callApi, fetchInstance, startInstance } from "../support/instance.ts";
import { readPage } from "../support/page-dom.ts";
import {
  addExperiment,
  addVersion,
  csvFile,
  memberBrowser,
  redirectOf,
  type Site,
  startSite,
  TRAINING_CSV,
  upload,
} from "./pages-fixtures.ts";

let site: Site;
let experiment: string;

beforeAll(async () => {
  await startInstance();
  site = await startSite();
  experiment = await addExperiment(site);
});

describe("adding a version", () => {
  it("takes training data, a holdout and a schema, and leads to the version", async () => {
    const location = await redirectOf(
      await upload(site.browser, `${experiment}/versions/new`, {
        reference: csvFile(TRAINING_CSV),
        holdout: csvFile("area,rooms,town,sold\n7,2,Ulm,no\n30,1,Bonn,yes"),
        schema: '{"kinds": {"rooms": "categorical"}}',
      }),
    );
    expect(location).toBe(`${experiment}/versions/1`);
    const page = await site.browser.page(location);
    expect(page.row("rooms").text).toContain("4 categories");
    expect(page.fact("Holdout rows")).toBe("2");
  });

  it("shows the form again, with the schema kept, when the data do not fit", async () => {
    const response = await upload(site.browser, `${experiment}/versions/new`, {
      reference: csvFile("area,rooms\n1,2\n3,4"),
      schema: '{"kinds": {}}',
    });
    const page = await readPage(response);
    expect(response.status).toBe(422);
    expect(page.byLabel("Schema").value).toBe('{"kinds": {}}');
    expect(page.byLabel("Training data").problem).toContain("sold");
  });

  it("says at the field that the file is missing, or that the schema is no JSON or names other columns", async () => {
    const path = `${experiment}/versions/new`;
    const empty = await upload(site.browser, path, { schema: "" });
    expect([empty.status, (await readPage(empty)).byLabel("Training data").problem]).toEqual([
      422,
      "Choose the CSV of the training data.",
    ]);
    const broken = await upload(site.browser, path, { reference: csvFile(TRAINING_CSV), schema: "{kinds" });
    expect([broken.status, (await readPage(broken)).byLabel("Schema").problem]).toEqual([
      422,
      expect.stringContaining("not valid JSON"),
    ]);
    const foreign = await upload(site.browser, path, {
      reference: csvFile(TRAINING_CSV),
      schema: '{"kinds": {"weight": "text"}}',
    });
    expect([foreign.status, (await readPage(foreign)).byLabel("Schema").problem]).toEqual([
      422,
      "The CSV has no column weight.",
    ]);
  });

  it("refuses a form that is no upload with a page, not a crash", async () => {
    const response = await site.browser.post(`${experiment}/versions/new`, { schema: "" });
    expect(response.status).toBe(415);
    expect(await response.text()).toContain("multipart/form-data");
  });

  it("is for contributors", async () => {
    const viewer = await memberBrowser(site, "viewer");
    expect((await viewer.get(`${experiment}/versions/new`)).status).toBe(403);
    const sent = await upload(viewer, `${experiment}/versions/new`, { reference: csvFile(TRAINING_CSV) });
    expect(sent.status).toBe(403);
    const contributor = await memberBrowser(site, "contributor");
    expect((await contributor.get(`${experiment}/versions/new`)).status).toBe(200);
  });
});

describe("adding a version of a dataset", () => {
  let own: Site;
  let path: string;
  let dataset: string;

  beforeAll(async () => {
    own = await startSite();
    path = `${await addExperiment(own)}/versions/new`;
    expect((await own.browser.page(path)).text).not.toContain("Or a dataset");
    dataset = await addDataset(own, "Houses <b>", TRAINING_CSV);
    await addDataset(own, "Broken", "a,b\n1\n");
  });

  it("is offered where the project has one that could be read, and then no file is required", async () => {
    const page = await own.browser.page(path);
    const choice = page.byLabel("Or a dataset of the project");
    expect(choice.byRole("option", "Houses <b> · 40 rows").attribute("value")).toBe(dataset);
    expect(page.text).not.toContain("Broken");
    expect(page.byLabel("Training data").is("[required]")).toBe(false);
    const without = await site.browser.page(`${experiment}/versions/new`);
    expect(without.byLabel("Training data").is("[required]")).toBe(true);
  });

  it("leads to the version, also with a holdout that is a file", async () => {
    const holdout = csvFile("area,rooms,town,sold\n7,2,Ulm,no\n30,1,Bonn,yes");
    const empty = new File([], "");
    const sent = await upload(own.browser, path, { reference: empty, reference_dataset_id: dataset, holdout });
    const page = await own.browser.page(await redirectOf(sent));
    expect(page.row("area").text).toContain("1 to 40");
    expect(page.fact("Holdout rows")).toBe("2");
  });

  it("says which to leave out when both are given, keeps the choice, and says when neither is", async () => {
    const both = await upload(own.browser, path, {
      reference: csvFile(TRAINING_CSV),
      reference_dataset_id: dataset,
    });
    const choice = (await readPage(both)).byLabel("Or a dataset of the project");
    expect([both.status, choice.problem, choice.value]).toEqual([
      422,
      "Choose either a file or a dataset as training data, not both.",
      dataset,
    ]);
    const neither = await upload(own.browser, path, { reference_dataset_id: "" });
    expect([neither.status, (await readPage(neither)).byLabel("Training data").problem]).toEqual([
      422,
      "Choose the CSV of the training data, or a dataset.",
    ]);
  });

  it("says at the choice what is wrong with the dataset", async () => {
    const other = await addDataset(own, "Other", "area,rooms\n1,2\n3,4\n");
    const unfit = await upload(own.browser, path, { reference_dataset_id: other });
    expect([unfit.status, (await readPage(unfit)).byLabel("Or a dataset of the project").problem]).toEqual([
      422,
      expect.stringContaining("no column sold"),
    ]);
    const gone = await upload(own.browser, path, { reference_dataset_id: "dst_none" });
    expect([gone.status, (await readPage(gone)).byLabel("Or a dataset of the project").problem]).toEqual([
      422,
      "Dataset not found in this project.",
    ]);
  });
});

/** A dataset of the site's project; returns its id. */
async function addDataset({ slug, owner }: Site, name: string, body: string): Promise<string> {
  const headers = { authorization: `Bearer ${owner.token}`, "content-type": "text/csv" };
  const path = `/api/v1/projects/${slug}/datasets?name=${encodeURIComponent(name)}`;
  await fetchInstance(path, { method: "POST", headers, body });
  const list = await callApi("GET", `/api/v1/projects/${slug}/datasets?limit=1`, undefined, owner.token);
  return list.text("items.0.id");
}

describe("the page of a version", () => {
  it("shows what each feature was in the training data", async () => {
    const page = await site.browser.page(await addVersion(site, experiment));
    const area = page.row("area");
    expect(area.cell("Range or values").text).toBe("1 to 40");
    // The median of 1 to 40.
    expect(area.cell("Typical").text).toBe("median 20.5");
    expect(area.cell("Distribution").all("svg")).not.toEqual([]);
    const town = page.row("town");
    // 14 of 40 rows are Bonn, 26 Ulm: the more frequent one comes first.
    expect(town.cell("Range or values").text).toBe("2 categories Ulm, Bonn");
    expect(town.cell("Typical").text).toBe("mostly Ulm");
    expect(town.cell("Distribution").text).toContain("Ulm · Training rows 65% (26)");
    expect(page.text).toContain("20 · 50%");
  });

  it("counts missing values", async () => {
    const csv = `${TRAINING_CSV}\n,1,Ulm,yes\n,,Ulm,yes`;
    const page = await site.browser.page(await addVersion(site, experiment, csv));
    // 2 of 42 rows.
    expect(page.row("area").cell("Missing").text).toBe("2 (4.8%)");
    expect(page.row("rooms").cell("Missing").text).toBe("1 (2.4%)");
  });

  it("shows wide data 50 features a page", async () => {
    const names = Array.from({ length: 120 }, (_, index) => `feature_${index + 1}`);
    const line = (row: number) => [...names.map((_, index) => row + index), row % 2 ? "yes" : "no"].join(",");
    const csv = [[...names, "sold"].join(","), line(1), line(2), line(3), line(4)].join("\n");
    const version = await addVersion(site, experiment, csv);
    const first = await site.browser.page(version);
    expect(first.text).toContain("Features 1 to 50 of 120");
    expect(first.byRole("table", "Features").rows.map(([name]) => name)).toEqual(names.slice(0, 50));
    expect(first.links).toContain(`${version}?page=2#features`);
    const last = await site.browser.page(`${version}?page=3`);
    expect(last.text).toContain("Features 101 to 120 of 120");
    expect(last.links).not.toContainEqual(expect.stringContaining("?page=4"));
    expect((await site.browser.get(`${version}?page=4`)).status).toBe(404);
    expect((await site.browser.get(`${version}?page=x`)).status).toBe(404);
  });

  it("is not there for a number that no version has", async () => {
    expect((await site.browser.get(`${experiment}/versions/999`)).status).toBe(404);
    expect((await site.browser.get(`${experiment}/versions/one`)).status).toBe(405);
  });
});
