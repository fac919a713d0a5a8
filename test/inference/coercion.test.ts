import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, predictOne, predictRows, readAs, type TestDeployment } from "../support/deployment.ts";
import { Answer } from "../support/answer.ts";
import { fetchInstance, startInstance } from "../support/instance.ts";
import { echoModel } from "../support/models.ts";

/** A column for each kind of tensor. `seen` is 0 and 1, which counts as numeric; `grade` has categories that are numbers. */
const CSV = [
  "lead,exact,count,small,flag,seen,town,code,grade",
  ...Array.from({ length: 40 }, (_, row) =>
    [
      row,
      row / 10,
      row,
      row % 20,
      row % 2 === 0,
      row % 2,
      row % 4 ? "Ulm" : "Bonn",
      `k${row % 3}`,
      `${(row % 3) + 1}.0`,
    ].join(","),
  ),
].join("\n");
const SCHEMA = { kinds: { grade: "categorical" } };
const MODEL = echoModel({
  exact: "float64",
  count: "int64",
  small: "uint8",
  flag: "bool",
  seen: "bool",
  town: "string",
  code: "string",
  grade: "float32",
});
const ROW = { lead: 1, exact: 0.5, count: 7, small: 8, flag: true, seen: 1, town: "Ulm", code: "k1", grade: "2.0" };

let lenient: TestDeployment;
let strict: TestDeployment;

beforeAll(async () => {
  await startInstance();
  lenient = await deployModel({ csv: CSV, schema: SCHEMA, model: MODEL });
  strict = await deployModel({ csv: CSV, schema: SCHEMA, model: MODEL, type_policy: "strict" });
});

/** A row like the training data, but for what is named. */
function changed(changes: Record<string, unknown>): Record<string, unknown> {
  return { ...ROW, ...changes };
}

function without(...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(ROW).filter(([name]) => !names.includes(name)));
}

/** What the model's tensor of `feature` was fed when it was sent as `sent`. */
async function fed(feature: string, sent: unknown): Promise<unknown> {
  const answer = await predictOne(lenient, changed({ [feature]: sent }));
  return answer.status === 200 ? answer.at(`extra.echo_${feature}`) : answer.status;
}

function codes(answer: Answer): string[] {
  const warnings = answer.at("warnings");
  return Array.isArray(warnings)
    ? warnings.map(
        (_, index) => `${answer.text(`warnings.${index}.feature`)}: ${answer.text(`warnings.${index}.code`)}`,
      )
    : [];
}

describe("a value that fits", () => {
  it("reaches the model without a warning", async () => {
    for (const deployment of [lenient, strict]) {
      const answer = await predictOne(deployment, ROW);
      expect(answer.at("extra")).toEqual({
        echo_exact: 0.5,
        echo_count: 7,
        echo_small: 8,
        echo_flag: true,
        echo_seen: true,
        echo_town: "Ulm",
        echo_code: "k1",
        echo_grade: 2,
      });
      expect(codes(answer)).toEqual([]);
    }
  });

  it("is a number when a string parses wholly as one", async () => {
    for (const [sent, number] of [
      ["0.25", 0.25],
      ["-1e3", -1000],
      ["+2.5E-1", 0.25],
      [" 4 ", 4],
      [".5", 0.5],
    ] as const) {
      expect([sent, await fed("exact", sent)]).toEqual([sent, number]);
    }
    expect(await fed("count", "12")).toBe(12);
    for (const sent of ["12 m", "1,5", "0x10", "1_000", "Infinity", "--1", "$5", "1,234"]) {
      const answer = await predictOne(lenient, changed({ exact: sent }));
      expect([sent, answer.at("extra.echo_exact"), codes(answer)[0]]).toEqual([sent, null, "exact: not_coercible"]);
    }
  });

  it("is missing, and no warning says more, where files write a missing value so", async () => {
    for (const sent of ["NaN", "NA", "?", "-", " ", "null"]) {
      const answer = await predictOne(lenient, changed({ exact: sent }));
      expect([sent, answer.at("extra.echo_exact"), codes(answer)]).toEqual([sent, null, [": not_finite"]]);
    }
  });

  it("is a number with thousands in groups when that is clear by itself", async () => {
    expect(await fed("exact", "1,234.5")).toBe(1234.5);
    expect(await fed("exact", "1\u00a0234")).toBe(1234);
  });

  it("is a boolean when it is true, false, 0 or 1, as such or as text, also where the training data wrote 0 and 1", async () => {
    for (const feature of ["flag", "seen"]) {
      for (const sent of [true, 1, "true", "1", "True", "1.0", "yes", "Y", "on"])
        expect([feature, sent, await fed(feature, sent)]).toEqual([feature, sent, true]);
      for (const sent of [false, 0, "false", "0", "FALSE", "0.0", "No", "f", "off"])
        expect([feature, sent, await fed(feature, sent)]).toEqual([feature, sent, false]);
      for (const sent of [2, "perhaps", "-1", 0.5, [], {}])
        expect([feature, sent, await fed(feature, sent)]).toEqual([feature, sent, 422]);
    }
  });

  it("is the shortest decimal when a number is sent for a string tensor", async () => {
    for (const [sent, text] of [
      [1, "1"],
      [1.0, "1"],
      [0.1, "0.1"],
      [-2.5, "-2.5"],
      [100, "100"],
      [0.1 + 0.2, "0.30000000000000004"],
      [true, "true"],
    ] as const) {
      expect([sent, await fed("code", sent)]).toEqual([sent, text]);
    }
  });

  it("of a category that is a number is known however the number is written", async () => {
    for (const sent of [2, "2", "2.0", "2.00"]) {
      const answer = await predictOne(strict, changed({ grade: sent }));
      expect([sent, answer.status, answer.at("extra.echo_grade")]).toEqual([sent, 200, 2]);
    }
    expect(codes(await predictOne(lenient, changed({ grade: 5 })))).toEqual(["grade: unseen_category"]);
  });
});

describe("a category that training never saw", () => {
  it("goes to the model as it is, with a warning", async () => {
    const answer = await predictOne(lenient, changed({ town: "Köln", code: "k9" }));
    expect(answer.at("extra")).toMatchObject({ echo_town: "Köln", echo_code: "k9" });
    expect(codes(answer)).toEqual(["town: unseen_category", "code: unseen_category"]);
    expect(answer.text("warnings.0.message")).toContain("Köln");
  });

  it("is refused under strict", async () => {
    const answer = await predictOne(strict, changed({ town: "Köln" }));
    expect([answer.status, answer.at("code"), answer.at("errors.0.path")]).toEqual([
      422,
      "invalid_input",
      "features.town",
    ]);
    expect(answer.text("detail")).toContain("Köln");
  });
});

describe("a missing value", () => {
  it("is NaN in a float tensor and the empty text in a string tensor, however it is missing; only an absent one is warned of", async () => {
    for (const gap of [null, ""]) {
      const answer = await predictOne(lenient, changed({ exact: gap, town: gap }));
      expect(answer.at("extra")).toMatchObject({ echo_exact: null, echo_town: "" });
      // The model echoes NaN, which is no finite answer; that is what the one warning says.
      expect(codes(answer)).toEqual([": not_finite"]);
    }
    const absent = await predictOne(lenient, without("exact", "town"));
    expect(absent.at("extra")).toMatchObject({ echo_exact: null, echo_town: "" });
    expect(codes(absent)).toEqual(["exact: absent", "town: absent", ": not_finite"]);
  });

  it("is recorded as null", async () => {
    const answer = await predictOne(lenient, changed({ exact: "", town: null }));
    const record = await readAs(lenient.owner, `${lenient.path}/predictions/${answer.text("prediction_id")}`);
    expect(record.at("features")).toEqual(changed({ exact: null, town: null }));
  });

  it("is refused where the tensor cannot hold one: whole numbers and booleans", async () => {
    for (const feature of ["count", "small", "flag", "seen"]) {
      for (const row of [
        changed({ [feature]: null }),
        changed({ [feature]: "" }),
        without(feature),
        changed({ [feature]: "no number" }),
      ]) {
        const answer = await predictOne(lenient, row);
        expect([feature, answer.status, answer.at("errors.0.path")]).toEqual([feature, 422, `features.${feature}`]);
        expect(answer.at("errors.1")).toBeUndefined();
      }
    }
    const answer = await predictOne(lenient, without("count"));
    expect(answer.text("detail")).toContain("missing");
  });

  it("may be null under strict, but not absent", async () => {
    expect((await predictOne(strict, changed({ exact: null }))).status).toBe(200);
    const answer = await predictOne(strict, without("exact"));
    expect([answer.status, answer.at("errors.0.path")]).toEqual([422, "features.exact"]);
    expect(answer.text("detail")).toContain("was not sent");
  });
});

describe("a value that cannot be coerced", () => {
  it("is missing with a warning that says what is wanted", async () => {
    for (const sent of ["warm", "yes", [1], { value: 1 }, "x".repeat(500)]) {
      const answer = await predictOne(lenient, changed({ exact: sent }));
      expect(answer.at("extra.echo_exact")).toBeNull();
      expect(codes(answer)[0]).toBe("exact: not_coercible");
      expect(answer.text("warnings.0.message")).toContain("expected a number");
      expect(answer.text("warnings.0.message").length).toBeLessThan(200);
    }
    const text = await predictOne(lenient, changed({ town: ["Ulm"] }));
    expect(text.at("extra.echo_town")).toBe("");
    expect(codes(text)).toEqual(["town: not_coercible"]);
  });

  it("is true or false for a number: 1 and 0", async () => {
    for (const [sent, number] of [
      [true, 1],
      [false, 0],
      ["True", 1],
      ["false", 0],
    ] as const)
      expect([sent, await fed("exact", sent)]).toEqual([sent, number]);
  });

  it("is refused under strict by a sentence that does not speak of counting as missing", async () => {
    const answer = await predictOne(strict, changed({ exact: "warm" }));
    expect([answer.status, answer.at("errors.0.path")]).toEqual([422, "features.exact"]);
    expect(answer.text("detail")).toContain('expected a number, got "warm"');
    expect(answer.text("detail")).not.toContain("counts as missing");
  });

  it("is a number out of the range of its tensor, or a fraction for whole numbers", async () => {
    for (const [feature, sent, wanted] of [
      ["small", 256, "from 0 to 255"],
      ["small", -1, "from 0 to 255"],
      ["count", 1.5, "whole number"],
      ["count", 1e300, "a number from"],
    ] as const) {
      const answer = await predictOne(lenient, changed({ [feature]: sent }));
      expect([feature, sent, answer.status]).toEqual([feature, sent, 422]);
      expect(answer.text("detail")).toContain(wanted);
    }
    expect(await fed("small", 255)).toBe(255);
    expect(await fed("count", 9_007_199_254_740_991)).toBe(9_007_199_254_740_991);
  });

  it("is missing with a warning where its tensor cannot hold a number of that size, and refused under strict", async () => {
    const [name, float32] = ["grade", "larger than a float32 can hold"];
    for (const [feature, sent, wanted] of [
      ["exact", "1e999", "larger than a 64-bit float can hold"],
      ["exact", "-1e999", "larger than a 64-bit float can hold"],
      [name, 1e39, float32],
      [name, "3.4028235677973366e38", float32],
    ] as const) {
      const answer = await predictOne(lenient, changed({ [feature]: sent }));
      expect([feature, sent, answer.at(`extra.echo_${feature}`)]).toEqual([feature, sent, null]);
      expect(codes(answer)).toContain(`${feature}: overflow`);
      expect(answer.text("warnings.0.message")).toContain(wanted);
      const refused = await predictOne(strict, changed({ [feature]: sent }));
      expect([refused.status, refused.at("errors.0.path")]).toEqual([422, `features.${feature}`]);
    }
    const body = JSON.stringify({ features: changed({ exact: "#" }) }).replace('"#"', "1e999");
    const headers = { authorization: `Bearer ${lenient.key}`, "content-type": "application/json" };
    const answer = await Answer.of(await fetchInstance(`${lenient.path}/predict`, { method: "POST", headers, body }));
    expect([answer.at("extra.echo_exact"), codes(answer)[0]]).toEqual([null, "exact: overflow"]);
    // The largest float32 is one, and a number that rounds to it is, too.
    expect(await fed(name, 3.4028234663852886e38)).toBe(3.4028234663852886e38);
  });

  it("refuses the whole call of several rows, and names each wrong place", async () => {
    const rows = [ROW, ROW, changed({ flag: "perhaps" }), changed({ count: 1.5, small: 300 })];
    const before = (await readAs(lenient.owner, `${lenient.path}/predictions?limit=500`)).each("prediction_id").length;
    const answer = await predictRows(lenient, rows);
    expect(answer.status).toBe(422);
    expect([0, 1, 2].map((index) => answer.at(`errors.${index}.path`))).toEqual([
      "rows[2].flag",
      "rows[3].count",
      "rows[3].small",
    ]);
    expect(answer.text("detail")).toContain("rows[2].flag");
    const after = (await readAs(lenient.owner, `${lenient.path}/predictions?limit=500`)).each("prediction_id").length;
    expect(after).toBe(before);
  });
});

describe("a number outside the training data", () => {
  it("is answered with a warning that has the training range, also under strict", async () => {
    for (const deployment of [lenient, strict]) {
      const answer = await predictOne(deployment, changed({ exact: 4, count: -1 }));
      expect([answer.status, answer.at("extra.echo_exact")]).toEqual([200, 4]);
      expect(answer.at("warnings")).toEqual([
        {
          feature: "exact",
          code: "out_of_range",
          message: "4 is outside the range of the training data, 0 to 3.9",
        },
        {
          feature: "count",
          code: "out_of_range",
          message: "-1 is outside the range of the training data, 0 to 39",
        },
      ]);
    }
  });
});

describe("an unknown name", () => {
  it("is ignored with a warning, and refused under strict", async () => {
    const answer = await predictOne(lenient, changed({ Town: "Ulm", colour: null }));
    expect(codes(answer)).toEqual(["Town: unknown_feature", "colour: unknown_feature"]);
    const refused = await predictOne(strict, changed({ colour: 1 }));
    expect([refused.status, refused.at("errors.0.path")]).toEqual([422, "features.colour"]);
  });
});

describe("a text", () => {
  it("may have 64 kB and no more, counted in bytes", async () => {
    const kept = await predictOne(lenient, changed({ town: "x".repeat(64_000) }));
    expect(kept.text("extra.echo_town")).toHaveLength(64_000);
    // The umlaut has two bytes in UTF-8.
    for (const town of ["x".repeat(64_001), "ü".repeat(32_001)]) {
      const answer = await predictRows(lenient, [ROW, changed({ town })]);
      expect([answer.status, answer.at("code"), answer.at("errors.0.path")]).toEqual([
        413,
        "too_large",
        "rows[1].town",
      ]);
      expect(answer.text("detail")).toContain("64 kB");
    }
  });

  it("keeps NUL, emoji and quotes on its way to the model and into the record", async () => {
    for (const town of ["🙂 Straße", 'a "quoted" \\ text', "line\nbreak\ttab"]) {
      const answer = await predictOne(lenient, changed({ town }));
      expect(answer.at("extra.echo_town")).toBe(town);
      const record = await readAs(lenient.owner, `${lenient.path}/predictions/${answer.text("prediction_id")}`);
      expect(record.at("features.town")).toBe(town);
    }
  });
});
