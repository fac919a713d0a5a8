import { describe, expect, it } from "vitest";
import { expectStatus } from "../../support/deployment.ts";
import { addConnection, addPipeline } from "../pipeline-fixtures.ts";
import { asOwner, refusedPaths, rivals, usePipelinesProject } from "./pipelines-project.ts";

usePipelinesProject();

describe("a pipeline whose deployment has lost its challenger", () => {
  it("keeps the destinations that it has when it is changed, and gets no other that wants the challenger", async () => {
    const { owner, project, path, mainId } = rivals;
    const [hook, store] = [await addConnection(owner, project, "http"), await addConnection(owner, project, "s3")];
    const object = { connection_id: store, key_pattern: "{date}/{model}.csv", format: "csv", challenger: true };
    const destinations = [{ connection_id: hook, challenger: true }, object];
    const pipeline = `/api/v1/pipelines/${await addPipeline(rivals, { destinations })}`;
    const alone = { main: { version: 1, model_id: mainId } };
    expectStatus(await asOwner("POST", `${path}/versions`, alone), 201);
    const patch = (wanted: unknown[]) => asOwner("PATCH", pipeline, { name: "Renamed", destinations: wanted });
    expect(expectStatus(await patch(destinations), 200).at("destinations")).toEqual(destinations);
    // Another order and one less are no further destination either.
    expect(expectStatus(await patch([object]), 200).at("destinations")).toEqual([object]);
    expect(await refusedPaths(await patch([{ ...object, key_pattern: "new/{model}.csv" }]))).toEqual([
      422,
      "destinations[0].challenger",
    ]);
    expect(await refusedPaths(await patch([object, { connection_id: hook, challenger: true }]))).toEqual([
      422,
      "destinations[1].challenger",
    ]);
  });
});
