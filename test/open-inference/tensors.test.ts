import { beforeAll, describe, expect, it } from "vitest";
import { deployModel, readAs, type TestDeployment } from "../support/deployment.ts";
import { startInstance } from "../support/instance.ts";
import { sumModel, timesModel } from "../support/models.ts";
import { column, infer, inferRaw, type Tensor } from "./calls.ts";
import { AMOUNTS, deployPrices } from "./deployments.ts";

let doubled: TestDeployment;
let prices: TestDeployment;

beforeAll(async () => {
  await startInstance();
  doubled = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(2) });
  prices = await deployPrices();
});

const AMOUNT: Tensor = column("amount", "FP64", [1, 2]);

/** One row of the prices, with another tensor in the place of its namesake. */
function houseWith(other: Tensor): Tensor[] {
  const house = [
    column("amount", "FP64", [1]),
    column("rooms", "INT64", [1]),
    column("furnished", "BOOL", [true]),
    column("city", "BYTES", ["Bern"]),
    column("note", "BYTES", ["quiet"]),
  ];
  return house.map((tensor) => (tensor.name === other.name ? other : tensor));
}

async function expectRefused(deployment: TestDeployment, inputs: unknown, message: RegExp): Promise<void> {
  const answer = await inferRaw(deployment, JSON.stringify({ inputs }));
  expect([message.source, answer.status, Object.keys(answer.body ?? {})]).toEqual([message.source, 422, ["error"]]);
  expect(answer.text("error")).toMatch(message);
}

describe("a tensor", () => {
  it("is refused when data and shape differ, and nothing is recorded", async () => {
    for (const [shape, data] of [
      [[2], [1]],
      [[2], [1, 2, 3]],
      [
        [2, 1],
        [[1], [2], [3]],
      ],
      [
        [2, 1],
        [1, [2]],
      ],
      [[2], [[1], [2]]],
      [[2], []],
    ] as const) {
      await expectRefused(doubled, [{ ...AMOUNT, shape, data }], /^inputs\[0\]\.data: shape \[2.*\] needs 2 values/);
    }
    // As many values as the shape wants, in rows of another length.
    const summed = await deployModel({ csv: "a,b\n1,2\n3,4\n", model: sumModel(2) });
    await expectRefused(
      summed,
      [{ name: "x", shape: [2, 2], datatype: "FP32", data: [[1, 2, 3], [4]] }],
      /needs 4 values/,
    );
    expect((await readAs(doubled.owner, `${doubled.path}/predictions`)).at("items")).toEqual([]);
  });

  it("is refused when its shape is none, or gives no rows or several values a row", async () => {
    for (const shape of [undefined, 2, [], [2.5], [-1], ["2"], [0], [2, 0]]) {
      await expectRefused(doubled, [{ ...AMOUNT, shape }], /^inputs\[0\]\.shape.*: Send "shape" as a list/);
    }
    await expectRefused(doubled, [{ ...AMOUNT, shape: [1, 2] }], /"amount" needs \[n\] or \[n, 1\].*not \[1, 2\]/);
    await expectRefused(
      prices,
      houseWith({ ...AMOUNT, shape: [2] }),
      /^inputs\[1\]\.shape: the first dimension is the number of rows: 1 here, 2 in inputs\[0\]/,
    );
  });

  it("is refused with a datatype that there is not, or that does not fit the feature", async () => {
    await expectRefused(doubled, [{ ...AMOUNT, datatype: "float" }], /"float" must be one of BOOL, .*FP64, BYTES$/);
    await expectRefused(doubled, [column("amount", "BYTES", ["1"])], /"amount" takes a number type.*not BYTES/);
    await expectRefused(prices, houseWith(column("furnished", "BYTES", ["true"])), /"furnished" takes BOOL.*not BYTES/);
    await expectRefused(prices, houseWith(column("city", "BOOL", [true])), /"city" takes BYTES.*not BOOL/);
  });

  it("is refused with values that are not of its datatype, which names the first", async () => {
    for (const [datatype, value, wanted] of [
      ["FP64", "1", "a number"],
      ["FP32", "NaN", "a number"],
      ["FP64", true, "a number"],
      ["FP64", { a: 1 }, "a number"],
      ["INT64", 1.5, "a whole number from -9007199254740991 to 9007199254740991"],
      ["INT64", 2 ** 53, "a whole number from -9007199254740991 to 9007199254740991"],
      ["UINT8", 256, "a whole number from 0 to 255"],
      ["INT8", -129, "a whole number from -128 to 127"],
      ["UINT64", -1, "a whole number from 0 to 9007199254740991"],
    ] as const) {
      const answer = await infer(doubled, [column("amount", datatype, [1, value])]);
      expect([answer.status, answer.at("error")]).toEqual([
        422,
        `inputs[0].data[1]: ${datatype} needs ${wanted}, or null for a missing value, not ${JSON.stringify(value)}`,
      ]);
    }
    await expectRefused(prices, houseWith(column("furnished", "BOOL", [2])), /BOOL needs true or false/);
    await expectRefused(prices, houseWith(column("city", "BYTES", [5])), /BYTES needs a text/);
  });

  it("takes numbers for booleans and for texts, and every number type for a number", async () => {
    for (const datatype of ["UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32"]) {
      const answer = await infer(doubled, [column("amount", datatype, [3])]);
      expect([datatype, answer.at("outputs.0.data")]).toEqual([datatype, [6]]);
    }
    const furnished = await infer(prices, houseWith(column("furnished", "INT8", [0])));
    expect([furnished.status, furnished.at("outputs.0.data")]).toEqual([200, [13]]);
    const noted = await infer(prices, houseWith(column("note", "INT64", [12])));
    expect([noted.status, noted.at("outputs.0.data")]).toEqual([200, [113]]);
  });

  it("may hold null for a missing value where the model can take one", async () => {
    await expectRefused(prices, houseWith(column("rooms", "INT64", [null])), /^rows\[0\]\.rooms: .*missing/);
    const answer = await infer(prices, houseWith(column("note", "BYTES", [null])));
    expect(answer.at("outputs.0.data")).toEqual([113]);
  });
});

describe("the inputs of a call", () => {
  it("are refused when one is missing, also beside a misspelt one", async () => {
    await expectRefused(
      prices,
      [column("amount", "FP64", [1])],
      /^inputs: not sent: "rooms", "furnished", "city", "note"\./,
    );
    await expectRefused(doubled, [column("amuont", "FP64", [1])], /not sent: "amount".* Unknown inputs: "amuont"/);
  });

  it("may have one more, which is ignored with a warning; a strict deployment refuses it", async () => {
    const inputs = [
      column("amount", "FP64", [1]),
      { name: "colour", shape: [1, 3], datatype: "UINT8", data: [1, 2, 3] },
    ];
    const answer = await infer(doubled, inputs);
    expect(answer.at("outputs.0.data")).toEqual([2]);
    expect(answer.at("parameters.warnings")).toEqual([
      { row: 0, feature: "colour", code: "unknown_feature", message: expect.any(String) },
    ]);
    const strict = await deployModel({ csv: AMOUNTS, target: "price", model: timesModel(2), type_policy: "strict" });
    await expectRefused(strict, inputs, /^rows\[0\]\.colour: /);
    expect((await infer(strict, [column("amount", "FP64", [1])])).status).toBe(200);
  });

  it("are refused when one is there twice, or when there are none", async () => {
    await expectRefused(doubled, [AMOUNT, AMOUNT], /^inputs\[1\]: "amount" is sent twice$/);
    for (const inputs of [undefined, null, [], {}, "amount"]) await expectRefused(doubled, inputs, /Send "inputs"/);
    for (const body of ["", "[]", "5", "null"]) {
      const answer = await inferRaw(doubled, body);
      expect([body, answer.status]).toEqual([body, 422]);
      expect(answer.text("error")).toContain('Send "inputs"');
    }
  });
});

describe("a body", () => {
  it("is refused when it is no JSON, NaN included, with how to send a missing value", async () => {
    for (const body of ["{", `{"inputs": [{"name": "amount", "shape": [1], "datatype": "FP64", "data": [NaN]}]}`]) {
      const answer = await inferRaw(doubled, body);
      expect([answer.status, Object.keys(answer.body ?? {})]).toEqual([400, ["error"]]);
      expect(answer.text("error")).toContain("send null for a missing value");
    }
  });

  it("is refused in binary form, with what to do instead", async () => {
    const json = { inputs: [{ ...AMOUNT, data: undefined, parameters: { binary_data_size: 16 } }] };
    const sent = [
      await inferRaw(doubled, "{}abcd", {
        "inference-header-content-length": "2",
        "content-type": "application/octet-stream",
      }),
      await inferRaw(doubled, JSON.stringify(json)),
    ];
    for (const answer of sent) {
      expect(answer.status).toBe(415);
      expect(answer.text("error")).toContain("binary_data=False");
    }
    const encoded = { ...column("note", "BYTES", ["cXVpZXQ="]), parameters: { content_type: "base64" } };
    await expectRefused(prices, houseWith(encoded), /base64/);
  });

  it("is refused past 8 MB, and with a content type that is not JSON", async () => {
    const large = await inferRaw(doubled, JSON.stringify({ inputs: [AMOUNT], filler: "x".repeat(8_000_000) }));
    expect([large.status, Object.keys(large.body ?? {})]).toEqual([413, ["error"]]);
    const xml = await inferRaw(doubled, "<a/>", { "content-type": "application/xml" });
    expect([xml.status, Object.keys(xml.body ?? {})]).toEqual([415, ["error"]]);
  });
});
