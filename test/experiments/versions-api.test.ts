import { beforeAll, describe, expect, it } from "vitest";
import { Answer } from "../support/answer.ts";
import { addExperiment, addProject, type TestFile, upload, type UploadParts } from "../support/deployment.ts";
import { callApi, createUser, fetchInstance, startInstance, type TestUser } from "../support/instance.ts";

const CSV = "age,town,price\n30,Ulm,1.5\n40,Bonn,2.5\n50,Ulm,3.5\n";

let owner: TestUser;
let project: string;
let experiment: string;

beforeAll(async () => {
  await startInstance();
  owner = await createUser();
  project = await addProject(owner, "Uploads");
  experiment = await addExperiment(owner, project, { name: "Prices", target: "price" });
});

function csvFile(content: string | Uint8Array, name = "data.csv"): TestFile {
  return { name, content };
}

function send(parts: UploadParts, to = experiment, token = owner.token): Promise<Answer> {
  return upload(`/api/v1/experiments/${to}/versions`, token, parts);
}

function sendCsv(content: string | Uint8Array, more: UploadParts = {}): Promise<Answer> {
  return send({ reference: csvFile(content), ...more });
}

/** Name and kind of each feature, as `age numeric`. */
function kinds(answer: Answer): string[] {
  const features = answer.at("features");
  return Array.isArray(features)
    ? features.map((_, index) => `${answer.text(`features.${index}.name`)} ${answer.text(`features.${index}.kind`)}`)
    : [];
}

function utf16(text: string, littleEndian: boolean, mark: boolean): Uint8Array {
  const units = [...(mark ? [0xfeff] : []), ...Array.from(text, (character) => character.charCodeAt(0))];
  return Uint8Array.from(units.flatMap((unit) => (littleEndian ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255])));
}

describe("an experiment", () => {
  it("is created with its task and target, read and listed", async () => {
    const body = { name: "Sales", task: "binary_classification", target: "sold", description: "What sells" };
    const made = await callApi("POST", `/api/v1/projects/${project}/experiments`, body, owner.token);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      ...body,
      id: expect.any(String),
      project_id: project,
      created_by: owner.id,
      created_at: expect.stringMatching(/Z$/),
    });
    expect((await callApi("GET", `/api/v1/experiments/${made.text("id")}`, undefined, owner.token)).body).toEqual(
      made.body,
    );
    const list = await callApi("GET", `/api/v1/projects/${project}/experiments?limit=1`, undefined, owner.token);
    expect([list.each("name"), typeof list.at("next_cursor")]).toEqual([["Sales"], "string"]);
  });

  it("needs a name of 1 to 120 characters and a task that exists, and says which there are", async () => {
    for (const [body, path] of [
      [{ task: "regression" }, "name"],
      [{ name: " ", task: "regression" }, "name"],
      [{ name: "n".repeat(121), task: "regression" }, "name"],
      [{ name: "n" }, "task"],
      [{ name: "n", task: "clustering" }, "task"],
    ] as const) {
      const answer = await callApi("POST", `/api/v1/projects/${project}/experiments`, body, owner.token);
      expect([answer.status, answer.at("code"), answer.at("errors.0.path")]).toEqual([422, "invalid_input", path]);
      if (path === "task") expect(answer.text("detail")).toContain("anomaly_detection");
    }
  });
});

describe("a version", () => {
  it("is numbered, and says rows, features and their reference", async () => {
    const own = await addExperiment(owner, project, { name: "Counted", target: "price" });
    const first = await send(
      { reference: csvFile(CSV), holdout: csvFile("price,town,age\n9,Ulm,41\n8,Ulm,42\n") },
      own,
    );
    expect([first.status, first.at("number"), first.at("state"), first.at("rows"), first.at("holdout_rows")]).toEqual([
      201,
      1,
      "succeeded",
      3,
      2,
    ]);
    expect(kinds(first)).toEqual(["age numeric", "town categorical"]);
    // Of 30, 40 and 50.
    expect(first.at("features.0.reference")).toMatchObject({
      rows: 3,
      missing: 0,
      min: 30,
      max: 50,
      mean: 40,
      median: 40,
    });
    expect(first.at("features.1.reference.categories")).toEqual([
      { value: "Ulm", count: 2 },
      { value: "Bonn", count: 1 },
    ]);
    const both = await Promise.all([send({ reference: csvFile(CSV) }, own), send({ reference: csvFile(CSV) }, own)]);
    expect(both.map((answer) => answer.at("number")).toSorted()).toEqual([2, 3]);
    const path = `/api/v1/experiments/${own}/versions`;
    expect((await callApi("GET", path, undefined, owner.token)).each("number")).toEqual([3, 2, 1]);
    expect((await callApi("GET", `${path}/1`, undefined, owner.token)).body).toEqual(first.body);
    expect((await callApi("GET", `${path}/4`, undefined, owner.token)).status).toBe(404);
    expect((await callApi("GET", `${path}/one`, undefined, owner.token)).status).toBe(422);
  });

  it("reads CSV as people have it: byte order mark, CRLF, semicolons with decimal commas, tabs, quotes over lines", async () => {
    const lines = CSV.trim().split("\n");
    for (const [what, text] of [
      ["byte order mark", `\uFEFF${CSV}`],
      ["CRLF", lines.join("\r\n")],
      ["semicolons", CSV.replaceAll(",", ";").replaceAll(".", ",")],
      ["tabs", CSV.replaceAll(",", "\t")],
      ["quotes", 'age,town,price\n30,"Ulm",1.5\n40,"Bonn",2.5\n50,"Ulm",3.5'],
      ["blank lines at the end", `${CSV}\n\n`],
    ] as const) {
      const answer = await sendCsv(text);
      expect([what, answer.status, answer.at("rows"), kinds(answer)]).toEqual([
        what,
        201,
        3,
        ["age numeric", "town categorical"],
      ]);
    }
    const quoted = await sendCsv(
      'age,"town, or ""city""",price\n30,"Ulm\nam Rhein",1\n40,"Bonn, ""old""",2\n50,"Ulm\nam Rhein",3\n',
    );
    expect(quoted.at("features.1.name")).toBe('town, or "city"');
    expect(quoted.at("features.1.reference.categories")).toEqual([
      { value: "Ulm\nam Rhein", count: 2 },
      { value: 'Bonn, "old"', count: 1 },
    ]);
  });

  it("takes what the schema states before what the data say", async () => {
    const schema = JSON.stringify({
      kinds: { age: "categorical" },
      categories: { town: ["Ulm", "Bonn", "Köln"] },
      not_features: [],
    });
    const answer = await sendCsv(CSV, { schema });
    expect(kinds(answer)).toEqual(["age categorical", "town categorical"]);
    expect(answer.at("features.1.reference.categories")).toContainEqual({ value: "Köln", count: 0 });
    expect(kinds(await sendCsv(CSV, { schema: '{"not_features": ["age"]}' }))).toEqual(["town categorical"]);
  });

  it("needs an experiment's target only where it has one", async () => {
    const free = await addExperiment(owner, project, { name: "No target" });
    expect(kinds(await send({ reference: csvFile(CSV) }, free))).toEqual([
      "age numeric",
      "town categorical",
      "price numeric",
    ]);
  });
});

describe("a file that cannot be read", () => {
  it("is refused by a sentence that names the part, the place and the cure", async () => {
    for (const [content, code, parts] of [
      ["", "csv_empty", ["Training reference", "empty"]],
      ["age,town,price\n", "csv_header_only", ["no data", "Add rows"]],
      [
        "age,town,price\n1,Ulm,1\n2,Bonn\n",
        "csv_ragged",
        ["Line 3 has 2 fields", "header row has 3", "put quotes around"],
      ],
      ["age,town,price\n1,Ulm,1,4\n2,Bonn,2\n", "csv_ragged", ["Line 2 has 4 fields"]],
      ["age,age,price\n1,2,3\n", "csv_duplicate_header", ["more than once: age", "Rename"]],
      [",town,price\n0,Ulm,1\n", "csv_empty_header", ["Column 1 has no name", "index=False"]],
      ['age,town,price\n1,"Ulm,1\n2,Bonn,2\n', "csv_unclosed_quote", ["line 2", "never closed"]],
      [utf16(CSV, true, true), "csv_encoding", ["UTF-16", "UTF-8"]],
      [utf16(CSV, false, true), "csv_encoding", ["UTF-16", "UTF-8"]],
      [utf16(CSV, true, false), "csv_encoding", ["UTF-16", "UTF-8"]],
      [
        Uint8Array.of(...new TextEncoder().encode("age,town,price\n1,K"), 0xf6, ...new TextEncoder().encode("ln,2\n")),
        "csv_encoding",
        ["Line 2 is not valid UTF-8"],
      ],
      [Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0), "csv_encoding", ["Excel", "CSV"]],
      [`age,town,price\n1,${"x".repeat(66_000)},1\n`, "csv_cell_too_large", ["line 2", "64 kB"]],
    ] as const) {
      const answer = await sendCsv(content);
      expect([code, answer.status, answer.at("code"), answer.at("csv_code"), answer.at("errors.0.path")]).toEqual([
        code,
        422,
        "invalid_input",
        code,
        "reference",
      ]);
      for (const part of parts) expect(answer.text("detail")).toContain(part);
    }
  });

  it("or does not go with the experiment is refused with the columns that it has", async () => {
    const target = await sendCsv("age,town\n1,Ulm\n2,Bonn\n");
    expect([target.status, target.at("code")]).toEqual([422, "invalid_input"]);
    expect(target.text("detail")).toMatch(/no column price.*target.*age, town/);
    const text = await sendCsv("age,price\n1,cheap\n2,dear\n");
    expect(text.text("detail")).toMatch(/target price of a regression must be numeric, but line 2 has "cheap"/);
    const empty = await sendCsv("age,price\n1,\n2,\n");
    expect(empty.text("detail")).toMatch(/no value in any row/);
    const alone = await sendCsv("price\n1\n2\n");
    expect([alone.status, alone.text("detail")]).toEqual([422, expect.stringContaining("no feature column")]);
  });

  it("as holdout is refused under its own name", async () => {
    const lacking = await sendCsv(CSV, { holdout: csvFile("age,price\n1,2\n") });
    expect([lacking.status, lacking.at("errors.0.path")]).toEqual([422, "holdout.town"]);
    expect(lacking.text("detail")).toMatch(
      /holdout lacks the column town of the training reference.*upload the file again/,
    );
    const ragged = await sendCsv(CSV, { holdout: csvFile("age,town,price\n1,2\n") });
    expect([ragged.at("errors.0.path"), ragged.text("detail")]).toEqual([
      "holdout",
      expect.stringContaining("Holdout: Line 2"),
    ]);
  });
});

describe("a schema that is wrong", () => {
  it("is refused with the form that is wanted, or the column that is not there", async () => {
    for (const [schema, part] of [
      ["{kinds", "not valid JSON"],
      ["[]", '{"kinds"'],
      ['{"kinds": {"age": "number"}}', '{"kinds"'],
      ['{"kind": {}}', '{"kinds"'],
      ['{"kinds": {"weight": "numeric"}}', "no column weight"],
      ['{"not_features": ["weight"]}', "no column weight"],
      ['{"kinds": {"town": "numeric"}, "categories": {"town": ["a"]}}', "cannot be numeric"],
    ] as const) {
      const answer = await sendCsv(CSV, { schema });
      expect([schema, answer.status, answer.at("code")]).toEqual([schema, 422, "invalid_input"]);
      expect(answer.text("detail")).toContain(part);
      expect(answer.text("errors.0.path")).toMatch(/^schema/);
    }
  });
});

describe("an upload", () => {
  it("needs one file of the right name", async () => {
    const none = await send({ data: csvFile(CSV) });
    expect([none.status, none.at("errors.0.path")]).toEqual([422, "reference"]);
    expect(none.text("detail")).toContain("part `reference` is missing");
    const two = await send({ reference: [csvFile(CSV), csvFile(CSV)] });
    expect([two.status, two.text("detail")]).toEqual([422, expect.stringContaining("one file as `reference`, not 2")]);
    const text = await send({ reference: CSV });
    expect([text.status, text.text("detail")]).toEqual([422, expect.stringContaining("must be a file")]);
  });

  it("is refused past 25 MB", async () => {
    const answer = await sendCsv(new Uint8Array(25_200_000).fill(0x31));
    expect([answer.status, answer.at("code")]).toEqual([413, "too_large"]);
    expect(answer.text("detail")).toContain("25 MB");
  });

  it("is refused when it is not multipart, or not as it says", async () => {
    const path = `/api/v1/experiments/${experiment}/versions`;
    const raw = async (type: string, body: string): Promise<Answer> => {
      const headers = { authorization: `Bearer ${owner.token}`, "content-type": type };
      return Answer.of(await fetchInstance(path, { method: "POST", headers, body }));
    };
    const csv = await raw("text/csv", CSV);
    expect([csv.status, csv.at("code")]).toEqual([415, "unsupported_media_type"]);
    expect(csv.text("detail")).toContain("multipart/form-data");
    for (const [type, body] of [
      ["multipart/form-data; boundary=x", "no boundary in here"],
      ["multipart/form-data", "--x\r\n\r\n--x--"],
    ] as const) {
      const answer = await raw(type, body);
      expect([type, answer.status, answer.at("code")]).toEqual([type, 400, "malformed"]);
      expect(answer.text("detail")).toContain("boundary");
    }
  });

  it("is for contributors; to others it says nothing of the files", async () => {
    const viewer = await createUser();
    await callApi("PUT", `/api/v1/projects/${project}/members/${viewer.id}`, { role: "viewer" }, owner.token);
    expect((await send({ reference: csvFile("") }, experiment, viewer.token)).status).toBe(403);
    expect((await send({ reference: csvFile("") }, experiment, (await createUser()).token)).status).toBe(404);
    expect((await send({ reference: csvFile("") }, "exp_none")).status).toBe(404);
  });
});
