/** A dimension: fixed, named free ("batch"), or free without a name. */
export type Dim = number | string | null;

export type ValueType =
  | { kind: "tensor"; elem: string; shape: Dim[] | null }
  | {
      kind: "sequence" | "map" | "sequence_of_map" | "optional" | "sparse" | "unknown";
      text: string;
    };

export interface ValueInfo {
  name: string;
  type: ValueType;
}

/** A graph input; `hasDefault` where an initializer stands in when nothing is fed. */
export interface InputInfo extends ValueInfo {
  hasDefault: boolean;
}

export interface ExternalDataRef {
  tensor: string;
  location: string;
  offset?: number;
  length?: number;
}

/** A constant tensor: its head only. `bytes` is the TensorProto as it stands in the file. */
export interface TensorFacts {
  name: string;
  dims: number[];
  elem: string;
  bytes: Uint8Array;
  external: ExternalDataRef | null;
  /** True for a sparse tensor: `dims` is then what it fills when it is spread out. */
  sparse: boolean;
}

/** An attribute; plain values are decoded from `bytes` (the AttributeProto) only when somebody asks. */
export interface AttributeFacts {
  name: string;
  bytes: Uint8Array;
  /** Inside a function: the value is an attribute of the call, not known here. */
  isReference: boolean;
  tensors: TensorFacts[];
  graphs: GraphFacts[];
}

export interface NodeFacts {
  opType: string;
  /** "ai.onnx" where the file says nothing. */
  domain: string;
  /** Chooses between functions of one name; "" nearly always. */
  overload: string;
  name: string;
  /** An omitted optional input is "". */
  inputs: string[];
  outputs: string[];
  attributes: AttributeFacts[];
}

export interface GraphFacts {
  nodes: NodeFacts[];
  inputs: InputInfo[];
  outputs: ValueInfo[];
  initializers: TensorFacts[];
}

/** A function that the model brings along; nodes call it by domain and name. */
export interface FunctionFacts {
  domain: string;
  name: string;
  overload: string;
  inputs: string[];
  outputs: string[];
  nodes: NodeFacts[];
}

export interface OpsetImport {
  domain: string;
  version: number;
}

export interface ModelFacts extends GraphFacts {
  irVersion: number;
  producer: { name: string; version: string };
  opsets: OpsetImport[];
  functions: FunctionFacts[];
  externalData: ExternalDataRef[];
  metadata: { key: string; value: string }[];
}
