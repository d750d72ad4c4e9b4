/** The graphs of the two deep models: ResNet-50's block structure and a transformer encoder, with seeded weights. */
import {
  ONNX,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  seededRandom,
} from '../../src-main/inference/testing/onnx-file.ts';

const CLASSES = 1_000;
/** Of each bottleneck: so that sixteen residual sums do not grow. */
const BRANCH_GAIN = 0.2;

/** 224 × 224 pixels, four stages of bottlenecks, batch norm folded into the convolutions: 25.5M parameters. */
export function resNet50(): OnnxModel {
  const graph = builder(50);
  const conv = (from: string, [inner, outer]: [number, number], size: number, stride: number, gain = 1) => {
    const bound = gain * Math.sqrt(6 / (inner * size * size));
    const pad = (size - 1) / 2;
    return graph.node(
      'Conv',
      [from, graph.weights([outer, inner, size, size], bound), graph.weights([outer], 0.01)],
      [
        { name: 'kernel_shape', ints: [size, size] },
        { name: 'strides', ints: [stride, stride] },
        { name: 'pads', ints: [pad, pad, pad, pad] },
      ],
    );
  };
  const relu = (from: string) => graph.node('Relu', [from]);

  let at = relu(conv('x', [3, 64], 7, 2));
  at = graph.node(
    'MaxPool',
    [at],
    [
      { name: 'kernel_shape', ints: [3, 3] },
      { name: 'strides', ints: [2, 2] },
      { name: 'pads', ints: [1, 1, 1, 1] },
    ],
  );
  let channels = 64;
  const stages: [blocks: number, width: number][] = [
    [3, 64],
    [4, 128],
    [6, 256],
    [3, 512],
  ];
  for (const [stage, [blocks, width]] of stages.entries())
    for (let block = 0; block < blocks; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const outer = 4 * width;
      const narrow = relu(conv(at, [channels, width], 1, 1));
      const seen = relu(conv(narrow, [width, width], 3, stride));
      const wide = conv(seen, [width, outer], 1, 1, BRANCH_GAIN);
      const kept = block === 0 ? conv(at, [channels, outer], 1, stride, 0.5) : at;
      at = relu(graph.node('Add', [wide, kept]));
      channels = outer;
    }
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [at])]);
  const head = [graph.weights([channels, CLASSES], Math.sqrt(3 / channels)), graph.weights([CLASSES], 0.01)];
  graph.node('Gemm', [pooled, ...head], [], 'y');
  return {
    ...graph.parts(),
    inputs: [{ name: 'x', type: ONNX.FP32, shape: ['N', 3, 224, 224] }],
    outputs: [{ name: 'y', type: ONNX.FP32, shape: ['N', CLASSES] }],
  };
}

export const VOCABULARY = 8_192;
export const SEQUENCE = 64;
const WIDTH = 256;
const HEADS = 8;
const LAYERS = 4;

/** Token ids to two classes: four layers of 256, eight heads, normalised before each part, pooled by the mean. */
export function encoder(): OnnxModel {
  const graph = builder(17);
  const dense = (from: string, inner: number, outer: number) => {
    const product = graph.node('MatMul', [from, graph.weights([inner, outer], Math.sqrt(3 / inner))]);
    return graph.node('Add', [product, graph.weights([outer], 0.01)]);
  };
  const norm = (from: string) =>
    graph.node(
      'LayerNormalization',
      [from, graph.constant([WIDTH], 1), graph.constant([WIDTH], 0)],
      [{ name: 'epsilon', float: 1e-5 }],
    );
  const heads = (from: string, perm: number[]) => {
    const shape = graph.ints([0, SEQUENCE, HEADS, WIDTH / HEADS]);
    return graph.node('Transpose', [graph.node('Reshape', [from, shape])], [{ name: 'perm', ints: perm }]);
  };
  const attention = (from: string) => {
    const query = heads(dense(from, WIDTH, WIDTH), [0, 2, 1, 3]);
    const key = heads(dense(from, WIDTH, WIDTH), [0, 2, 3, 1]);
    const value = heads(dense(from, WIDTH, WIDTH), [0, 2, 1, 3]);
    const likeness = graph.node('Mul', [
      graph.node('MatMul', [query, key]),
      graph.constant([], Math.sqrt(HEADS / WIDTH)),
    ]);
    const seen = graph.node('MatMul', [graph.node('Softmax', [likeness]), value]);
    const joined = graph.node('Transpose', [seen], [{ name: 'perm', ints: [0, 2, 1, 3] }]);
    return dense(graph.node('Reshape', [joined, graph.ints([0, SEQUENCE, WIDTH])]), WIDTH, WIDTH);
  };
  const gelu = (from: string) => {
    const erf = graph.node('Erf', [graph.node('Div', [from, graph.constant([], Math.SQRT2)])]);
    const twice = graph.node('Mul', [from, graph.node('Add', [erf, graph.constant([], 1)])]);
    return graph.node('Mul', [twice, graph.constant([], 0.5)]);
  };

  const words = graph.node('Gather', [graph.weights([VOCABULARY, WIDTH], 1), 'x']);
  let at = graph.node('Add', [words, graph.weights([SEQUENCE, WIDTH], 1)]);
  for (let layer = 0; layer < LAYERS; layer++) {
    at = graph.node('Add', [at, attention(norm(at))]);
    const inner = gelu(dense(norm(at), WIDTH, 4 * WIDTH));
    at = graph.node('Add', [at, dense(inner, 4 * WIDTH, WIDTH)]);
  }
  const pooled = graph.node(
    'ReduceMean',
    [norm(at)],
    [
      { name: 'axes', ints: [1] },
      { name: 'keepdims', int: 0 },
    ],
  );
  graph.node('Softmax', [dense(pooled, WIDTH, 2)], [], 'y');
  return {
    ...graph.parts(),
    inputs: [{ name: 'x', type: ONNX.INT64, shape: ['N', SEQUENCE] }],
    outputs: [{ name: 'y', type: ONNX.FP32, shape: ['N', 2] }],
  };
}

/** Collects nodes and weights, and names them. */
function builder(seed: number) {
  const random = seededRandom(seed);
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const tensor = (shape: number[], data: OnnxTensor['data']) => {
    const name = `w${initializers.length}`;
    initializers.push({ name, shape, data });
    return name;
  };
  const filled = (shape: number[], one: () => number) =>
    tensor(shape, Float32Array.from({ length: shape.reduce((all, dim) => all * dim, 1) }, one));
  return {
    /** Uniform between -bound and bound. */
    weights: (shape: number[], bound: number) => filled(shape, () => (2 * random() - 1) * bound),
    constant: (shape: number[], value: number) => filled(shape, () => value),
    ints: (values: number[]) => tensor([values.length], BigInt64Array.from(values.map(BigInt))),
    /** Returns the name of its output. */
    node(op: string, inputs: string[], attributes: OnnxAttribute[] = [], output = `n${nodes.length}`) {
      nodes.push({ op, inputs, outputs: [output], attributes });
      return output;
    },
    parts: () => ({ nodes, initializers }),
  };
}
