import type { Answer } from "../support/answer.ts";
import { deployModel, eventually, readAs, type TestDeployment } from "../support/deployment.ts";
import { tableModel, timesModel } from "../support/models.ts";

export const AMOUNTS = ["amount,price", ...Array.from({ length: 40 }, (_, row) => `${row % 4},${row}`)].join("\n");

/** Main doubles; the challenger says 0, 2, 4 and then 100, so that the two differ on 3. */
export function deployPair(): Promise<TestDeployment> {
  return deployModel({
    csv: AMOUNTS,
    target: "price",
    model: timesModel(2),
    challenger: { model: tableModel([0, 2, 4, 100]) },
  });
}

export function recordsOf(deployment: TestDeployment, query = ""): Promise<Answer> {
  return readAs(deployment.owner, `${deployment.path}/predictions${query}`);
}

/** The records once the challenger has answered all of them. */
export function settledRecords(deployment: TestDeployment, query = ""): Promise<Answer> {
  return eventually(
    () => recordsOf(deployment, query),
    (answer) => answer.each("challenger.state").every((state) => state !== "pending"),
  );
}

export function recordOf(deployment: TestDeployment, id: string): Promise<Answer> {
  return readAs(deployment.owner, `${deployment.path}/predictions/${id}`);
}
