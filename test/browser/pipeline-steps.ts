import { expect } from "vitest";
import type { Steps } from "./journey.ts";
import { WORDS } from "./words.ts";

const { buttons, fields, links, sections, states } = WORDS;

const PIPELINE = "Each day";
const DATASET = "Rows of today";

/** A file of rows that a pipeline predicts. */
export const pipelineSteps: Steps = {
  "uploads a dataset": async ({ visitor, case: { batch } }) => {
    await visitor.visit(sections.datasets);
    await visitor.follow(links.uploadDataset);
    await visitor.upload(fields.file, "today.csv", batch);
    await visitor.fill({ [fields.name]: DATASET });
    await visitor.press(links.uploadDataset);
    await visitor.await(visitor.main.getByText(states.ready, { exact: true }));
  },

  "makes a pipeline that reads it": async ({ visitor, case: { experiment } }) => {
    await visitor.visit(sections.pipelines);
    await visitor.follow(links.newPipeline);
    await visitor.fill({ [fields.name]: PIPELINE });
    await visitor.choose(fields.deployment, experiment);
    await visitor.main.getByRole("combobox", { name: fields.dataset }).selectOption({ index: 1 });
    await visitor.press(buttons.createPipeline);
    await visitor.follow(links.edit);
    await visitor.page.goBack();
  },

  "runs it, and downloads the answers of both models and the refused rows": async ({ visitor, case: facts }) => {
    await visitor.press(buttons.runNow);
    await visitor.await(visitor.main.getByText(states.succeeded, { exact: true }));
    const linesOf = async (file: string) => (await visitor.download(`CSV of ${file}`)).toString().trimEnd().split("\n");
    const [header = "", ...rows] = await linesOf("Main");
    expect(header).toMatch(/,prediction_id,prediction\b/);
    expect(rows).toHaveLength(facts.batchRows);
    expect(await linesOf("Challenger")).toHaveLength(1 + facts.batchRows);
    expect(await linesOf("Errors")).toHaveLength(1 + facts.refusedRows);
    const parquet = await visitor.download("Parquet of Main");
    expect(parquet.subarray(0, 4).toString()).toBe("PAR1");
  },

  "deletes the pipeline": async ({ visitor }) => {
    await visitor.visit(sections.pipelines);
    await visitor.follow(PIPELINE);
    await visitor.confirm(links.delete, PIPELINE, buttons.deletePipeline);
  },
};
