import { Answer } from "../support/answer.ts";
import { callApi, fetchInstance } from "../support/instance.ts";
import { priceModel, sizeModel } from "./models.ts";

/** Rooms in Bern and Oslo, at prices from 1 to 40; the note is a text, and every room has one of its own. */
const HOUSES = [
  "amount,rooms,furnished,city,note,price",
  ...Array.from({ length: 40 }, (_, index) => {
    const rooms = (index % 5) + 1;
    return `${index + 1.5},${rooms},${index % 2 === 0},${index % 4 === 0 ? "Oslo" : "Bern"},quiet street number ${index},${index * 10}`;
  }),
].join("\n");

const HOUSE_KINDS = {
  kinds: { amount: "numeric", rooms: "numeric", furnished: "boolean", city: "categorical", note: "text" },
};

const SIZES = [
  "amount,size",
  ...Array.from({ length: 40 }, (_, index) => `${(index - 20) / 10},${index < 20 ? "small" : "large"}`),
].join("\n");

/** Bytes that a test sends as a file. */
interface Part {
  name: string;
  content: string | Uint8Array;
}

async function upload(path: string, token: string, files: Part[], fields: Record<string, string>): Promise<Answer> {
  const form = new FormData();
  for (const { name, content } of files) form.set(name, new Blob([content]), name);
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return Answer.of(
    await fetchInstance(path, { method: "POST", headers: { authorization: `Bearer ${token}` }, body: form }),
  );
}

async function addModel(
  path: string,
  token: string,
  file: Uint8Array,
  fields: Record<string, string>,
): Promise<string> {
  const added = await upload(path, token, [{ name: "file", content: file }], fields);
  const id = added.text("id");
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await callApi("GET", `/api/v1/models/${id}`, undefined, token);
    if (answer.at("state") === "succeeded") return id;
    if (answer.at("state") === "failed") throw new Error(JSON.stringify(answer.body));
    await scheduler.wait(100);
  }
  throw new Error(`the model ${id} was not tried in time`);
}

export interface Deployed {
  slug: string;
  name: string;
}

interface Wanted {
  name: string;
  description?: string;
  access: "public" | "instance" | "project";
  type_policy?: "best_effort" | "strict";
}

async function deploy(project: string, token: string, body: Record<string, unknown>): Promise<Deployed> {
  const answer = await callApi("POST", `/api/v1/projects/${project}/deployments`, body, token);
  if (answer.at("deployed") !== "deployed") throw new Error(JSON.stringify(answer.body));
  return { slug: answer.text("slug"), name: answer.text("name") };
}

/** Projects, experiments and models once; deployments of them as often as wanted. */
export async function startDeploying(token: string): Promise<{
  project: string;
  deployPrices: (wanted: Wanted) => Promise<Deployed>;
  deploySizes: (wanted: Wanted) => Promise<Deployed>;
}> {
  const project = (await callApi("POST", "/api/v1/projects", { name: "Forms" }, token)).text("slug");
  const experiment = async (body: Record<string, string>, csv: string, schema: unknown): Promise<string> => {
    const id = (await callApi("POST", `/api/v1/projects/${project}/experiments`, body, token)).text("id");
    const version = await upload(`/api/v1/experiments/${id}/versions`, token, [{ name: "reference", content: csv }], {
      schema: JSON.stringify(schema),
    });
    if (version.status !== 201) throw new Error(JSON.stringify(version.body));
    return id;
  };
  const prices = await experiment({ name: "Prices", task: "regression", target: "price" }, HOUSES, HOUSE_KINDS);
  const sizes = await experiment({ name: "Sizes", task: "binary_classification", target: "size" }, SIZES, {});
  const mapping = JSON.stringify({ class_names: ["small", "large"] });
  const priceId = await addModel(`/api/v1/experiments/${prices}/versions/1/models`, token, priceModel(), {
    name: "price-one",
  });
  const sizeId = await addModel(`/api/v1/experiments/${sizes}/versions/1/models`, token, sizeModel(), {
    name: "size-one",
    mapping,
  });
  const rivalId = await addModel(`/api/v1/experiments/${sizes}/versions/1/models`, token, sizeModel(), {
    name: "size-rival",
    mapping,
  });
  const chosen = (id: string): Record<string, unknown> => ({ version: 1, model_id: id });
  return {
    project,
    deployPrices: (wanted) => deploy(project, token, { ...wanted, experiment_id: prices, main: chosen(priceId) }),
    deploySizes: (wanted) =>
      deploy(project, token, { ...wanted, experiment_id: sizes, main: chosen(sizeId), challenger: chosen(rivalId) }),
  };
}
