import { z } from "zod";
import { AppError, invalid } from "../errors.ts";

// Clients write what they leave out as null.
const parameters = z.record(z.string(), z.unknown()).nullish();

const WANTED_INPUTS = 'Send "inputs" as a list of tensors: {"name", "shape", "datatype", "data"} each.';
const WANTED_SHAPE = 'Send "shape" as a list of 1 to 8 whole numbers from 1 on, the number of rows first.';

const inputTensor = z.object(
  {
    name: z.string(),
    shape: z.array(z.int(WANTED_SHAPE).min(1, WANTED_SHAPE), WANTED_SHAPE).min(1, WANTED_SHAPE).max(8, WANTED_SHAPE),
    datatype: z.string(),
    parameters,
    data: z.array(z.unknown(), 'Send "data" as a list of values.').nullish(),
  },
  WANTED_INPUTS,
);

/** The body of an inference call. What clients of other servers add is ignored, as the protocol has it. */
export const inferRequest = z.object(
  {
    id: z.string().nullish(),
    parameters,
    inputs: z.array(inputTensor, WANTED_INPUTS).min(1, WANTED_INPUTS),
    outputs: z.array(z.object({ name: z.string() })).nullish(),
  },
  WANTED_INPUTS,
);

export type InputTensor = z.output<typeof inputTensor>;

/** 415 for tensors that are not sent as JSON. */
export function binaryRefusal(): AppError {
  return new AppError(
    "unsupported_media_type",
    "The binary tensor extension is not supported. Send the data as JSON: in tritonclient, set_data_from_numpy(…, binary_data=False).",
  );
}

/** 422 that names one place of the body. */
export function invalidTensor(path: string, message: string): AppError {
  return invalid(path, `${path}: ${message}`, message);
}
