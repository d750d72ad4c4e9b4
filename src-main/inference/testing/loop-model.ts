/** A model whose run takes as long as its request says. */
import { ONNX, onnxFile } from './onnx-file.ts';

/**
 * Runs for as many rounds as its input says: a number large enough never ends. Warming it up with 0 does. `rows`: of
 * many rows, for as many as the largest says.
 */
export const loopModel = ({ rows = false } = {}): Buffer => {
  const state = { type: ONNX.FP32, shape: [1] };
  const flag = { type: ONNX.BOOL, shape: [] };
  return onnxFile({
    nodes: [
      rows
        ? { op: 'ReduceMax', inputs: ['n'], outputs: ['rounds'], attributes: [{ name: 'keepdims', int: 0 }] }
        : { op: 'Squeeze', inputs: ['n'], outputs: ['rounds'] },
      {
        op: 'Loop',
        inputs: ['rounds', '', 'begin'],
        outputs: [rows ? 'end' : 'y'],
        attributes: [
          {
            name: 'body',
            graph: {
              nodes: [
                { op: 'Identity', inputs: ['on'], outputs: ['again'] },
                { op: 'Sin', inputs: ['x'], outputs: ['next'] },
              ],
              inputs: [
                { name: 'round', type: ONNX.INT64, shape: [] },
                { name: 'on', ...flag },
                { name: 'x', ...state },
              ],
              outputs: [
                { name: 'again', ...flag },
                { name: 'next', ...state },
              ],
            },
          },
        ],
      },
      ...(rows
        ? [
            { op: 'Cast', inputs: ['n'], outputs: ['each'], attributes: [{ name: 'to', int: ONNX.FP32 }] },
            { op: 'Add', inputs: ['each', 'end'], outputs: ['y'] },
          ]
        : []),
    ],
    initializers: [{ name: 'begin', shape: [1], data: Float32Array.of(1) }],
    inputs: [{ name: 'n', type: ONNX.INT64, shape: [rows ? 'N' : 1] }],
    outputs: [{ name: 'y', ...state, shape: [rows ? 'N' : 1] }],
  });
};

/** A request for `loopModel`. */
export const rounds = (n: number) => ({
  inputs: [{ name: 'n', shape: [1], datatype: 'INT64', data: [n] }],
});
export const FOR_EVER = 1e15;
