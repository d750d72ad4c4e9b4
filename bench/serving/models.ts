/** The models of the serving benchmark: made here, kept in out/bench/models/ until what makes them changes. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  mlpModel,
  type OnnxModel,
  onnxFile,
  seededRandom,
} from '../../src-main/inference/testing/onnx-file.ts';
import { repoRoot } from '../lib/report.ts';
import { encoder, resNet50, SEQUENCE, VOCABULARY } from './graphs.ts';

export type BenchModel = {
  name: string;
  title: string;
  datatype: 'FP32' | 'INT64';
  /** Of one row, without the batch. */
  shape: number[];
  path: string;
  sha256: string;
  bytes: number;
  /** Batch sizes of the raw run. */
  sizes: number[];
  /** How much longer than usual it is measured: where a batch takes a second, four of them say little. */
  patience: number;
  /** A single row takes a tenth of a second or more. */
  slow: boolean;
};

type Recipe = Omit<BenchModel, 'path' | 'sha256' | 'bytes'> & { graph(): OnnxModel };

const RECIPES: Recipe[] = [
  {
    name: 'tabular',
    title: 'tabular MLP 30→64→64→2',
    datatype: 'FP32',
    shape: [30],
    sizes: [1, 8, 16, 32, 64, 256],
    patience: 1,
    slow: false,
    graph: () => mlpModel([30, 64, 64, 2], 1, 'Softmax'),
  },
  {
    name: 'mlp',
    title: 'large MLP 1024→4096→4096→4096→1000',
    datatype: 'FP32',
    shape: [1_024],
    sizes: [1, 8, 16, 32, 64],
    patience: 1,
    slow: false,
    graph: () => mlpModel([1_024, 4_096, 4_096, 4_096, 1_000], 1, 'Softmax'),
  },
  {
    name: 'cnn',
    title: 'ResNet-50 3×224×224',
    datatype: 'FP32',
    shape: [3, 224, 224],
    sizes: [1, 2, 4, 8],
    patience: 5,
    slow: true,
    graph: resNet50,
  },
  {
    name: 'encoder',
    title: 'transformer 4×256, 64 tokens',
    datatype: 'INT64',
    shape: [SEQUENCE],
    sizes: [1, 4, 8, 16, 32],
    patience: 2,
    slow: false,
    graph: encoder,
  },
];

export const MODEL_NAMES = RECIPES.map(({ name }) => name);
/** How old a file of other recipes is when it goes. */
const ABANDONED_MS = 2 * 3_600_000;
export const INPUT = 'x';
export const OUTPUT = 'y';

export function benchModels(wanted: (name: string) => boolean): BenchModel[] {
  const folder = join(repoRoot, 'out', 'bench', 'models');
  mkdirSync(folder, { recursive: true });
  const sources = [
    'bench/serving/graphs.ts',
    'bench/serving/models.ts',
    'src-main/inference/testing/onnx-file.ts',
  ];
  const made = createHash('sha256');
  for (const source of sources) made.update(readFileSync(join(repoRoot, source)));
  const key = made.digest('hex').slice(0, 12);
  // A run that began before the change may still have them in use.
  for (const file of readdirSync(folder).map((name) => join(folder, name)))
    if (!file.includes(key) && Date.now() - statSync(file).mtimeMs > ABANDONED_MS) rmSync(file);
  return RECIPES.filter(({ name }) => wanted(name)).map(({ graph, ...recipe }) => {
    const path = join(folder, `${recipe.name}-${key}.onnx`);
    if (!existsSync(path)) {
      console.log(`making ${recipe.title}`);
      writeFileSync(`${path}.part`, onnxFile(graph()));
      renameSync(`${path}.part`, path);
    }
    const file = readFileSync(path);
    const sha256 = createHash('sha256').update(file).digest('hex');
    return { ...recipe, path, sha256, bytes: file.byteLength };
  });
}

/** Row number `at`: four decimals, as measured values have, or token ids. */
export function rowOf({ datatype, shape }: Pick<BenchModel, 'datatype' | 'shape'>, at: number): number[] {
  const random = seededRandom(1_000 + at);
  const length = shape.reduce((all, dim) => all * dim, 1);
  return Array.from({ length }, () =>
    datatype === 'INT64'
      ? Math.floor(random() * VOCABULARY)
      : Math.round(20_000 * (2 * random() - 1)) / 10_000,
  );
}

export const packed = (datatype: BenchModel['datatype'], values: number[]): Float32Array | BigInt64Array =>
  datatype === 'INT64' ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);

export type Body = { bytes: Buffer; headers: Record<string, string> };

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** One row as the Open Inference Protocol's JSON. */
export function jsonBody({ datatype, shape }: BenchModel, row: number[]): Body {
  const inputs = [{ name: INPUT, shape: [1, ...shape], datatype, data: row }];
  return { bytes: Buffer.from(JSON.stringify({ inputs })), headers: JSON_TYPE };
}

/** One row as the protocol's binary tensors, the answer asked for as such too. */
export function binaryBody({ datatype, shape }: BenchModel, row: number[]): Body {
  const values = packed(datatype, row);
  const parameters = { binary_data_size: values.byteLength };
  const inputs = [{ name: INPUT, shape: [1, ...shape], datatype, parameters }];
  const header = Buffer.from(JSON.stringify({ parameters: { binary_data_output: true }, inputs }));
  return {
    bytes: Buffer.concat([header, Buffer.from(values.buffer)]),
    headers: {
      'Content-Type': 'application/octet-stream',
      'Inference-Header-Content-Length': String(header.byteLength),
    },
  };
}

/** One row as the other servers take it: a list of numbers under a name. */
export const plainBody = (name: string, row: number[] | number[][]): Body => ({
  bytes: Buffer.from(JSON.stringify({ [name]: row })),
  headers: JSON_TYPE,
});
