/** An inference request after its checks, and its answer: the same for HTTP and gRPC. */
import type { Datatype } from '../../contract/common.ts';
import type { StringWalk } from './string-walk.ts';

export type Scalar = number | string | boolean | bigint | null;

/** One input in the model's order: either values as they were parsed, or bytes in the protocol's raw form. */
export type InputTensor = {
  name: string;
  datatype: Datatype;
  shape: number[];
  count: number;
  values: readonly Scalar[] | null;
  raw: Buffer | null;
  /** Strings: where each row begins in `raw`, and its end, where that was worth keeping. */
  rowAt?: Uint32Array | null;
  /** Strings that are still to be looked at before it is run (string-checks.ts). */
  unchecked?: StringWalk | undefined;
};

export type InferRequest = {
  /** As the client sent it; null asks for one. */
  id: string | null;
  inputs: InputTensor[];
  /** First dimension; 1 for models that cannot be batched. */
  rows: number;
  shapeKey: string;
  bytes: number;
  /** Indices of the wanted outputs, in the order they were asked for; null means all. */
  outputs: number[] | null;
};

/** What a request says of itself apart from its tensors: how it is routed and scheduled. */
export type RequestOptions = {
  unit: string | null;
  eventMs: number | null;
  /** 1 is the most urgent, higher numbers are less; 0 leaves it to the server. */
  priority: number;
  /** Microseconds from its arrival until it is of no use; 0 leaves it to the server. */
  timeoutUs: number;
};

export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** One output of one request: a window of the batch's tensor. */
export type OutputTensor = {
  name: string;
  datatype: Datatype;
  shape: number[];
  /** The whole batch's values; this request's are those from `from` to `to`. */
  values: NumericArray | readonly string[];
  from: number;
  to: number;
};
