import { priceModel } from "../forms/models.ts";
import { deployModel, type NewDeployment, type TestDeployment } from "../support/deployment.ts";
import { thresholdModel } from "../support/models.ts";

/** Amounts 0 to 3, each ten times. */
export const AMOUNTS = ["amount,price", ...Array.from({ length: 40 }, (_, row) => `${row % 4},${row}`)].join("\n");

const HOUSES = [
  "amount,rooms,furnished,city,note,price",
  ...Array.from({ length: 40 }, (_, row) => {
    const city = row % 4 === 0 ? "Oslo" : "Bern";
    return `${row + 1.5},${(row % 5) + 1},${row % 2 === 0},${city},quiet street number ${row},${row * 10}`;
  }),
].join("\n");

const LABELS = ["amount,sold", ...Array.from({ length: 40 }, (_, row) => `${row},${row < 20 ? 10 : 9}`)].join("\n");

/** Every kind of feature: the price is 2 * amount + 10 * rooms + 100 when furnished + 1 in Bern or 2 in Oslo. */
export function deployPrices(more: Partial<NewDeployment> = {}): Promise<TestDeployment> {
  return deployModel({
    csv: HOUSES,
    target: "price",
    schema: {
      kinds: { amount: "numeric", rooms: "numeric", furnished: "boolean", city: "categorical", note: "text" },
    },
    model: priceModel(),
    ...more,
  });
}

/**
 * Above 10 the class 9 with 0.75, else the class 10 with 0.75; its challenger says the same from 30 on. Labels that are numbers
 * out of order: an object of JavaScript would sort them.
 */
export function deployLabels(): Promise<TestDeployment> {
  const mapping = { class_names: ["10", "9"] };
  return deployModel({
    csv: LABELS,
    task: "binary_classification",
    target: "sold",
    model: thresholdModel(10),
    mapping,
    challenger: { model: thresholdModel(30), mapping },
  });
}
