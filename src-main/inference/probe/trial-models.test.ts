import { describe, expect, it } from 'vitest';
import { ONNX, type OnnxNode, onnxFile } from '../testing/onnx-file.ts';
import { COMPARED, MEASURED } from './trial-models.ts';

describe('the trial models', () => {
  it('are two products with a bend between them, the weights given', () => {
    const { width } = COMPARED;
    const made = onnxFile({
      nodes: [
        { op: 'MatMul', inputs: ['x', 'w'], outputs: ['a'] },
        { op: 'Relu', inputs: ['a'], outputs: ['b'] },
        { op: 'MatMul', inputs: ['b', 'w'], outputs: ['y'] },
      ],
      inputs: [
        { name: 'x', type: ONNX.FP32, shape: ['N', width] },
        { name: 'w', type: ONNX.FP32, shape: [width, width] },
      ],
      outputs: [{ name: 'y', type: ONNX.FP32, shape: ['N', width] }],
    });
    expect(COMPARED.file()).toEqual(made);
  });

  it('are eight layers with the weights inside', () => {
    const { width } = MEASURED;
    const nodes: OnnxNode[] = [{ op: 'ConstantOfShape', inputs: ['shape'], outputs: ['w'] }];
    for (let layer = 1; layer <= 8; layer++)
      nodes.push(
        { op: 'MatMul', inputs: [layer === 1 ? 'x' : `b${layer - 1}`, 'w'], outputs: [`a${layer}`] },
        { op: 'Relu', inputs: [`a${layer}`], outputs: [layer === 8 ? 'y' : `b${layer}`] },
      );
    const shape = { name: 'shape', shape: [2], data: BigInt64Array.of(BigInt(width), BigInt(width)) };
    const value = (name: string) => ({ name, type: ONNX.FP32, shape: ['N', width] });
    const made = onnxFile({ nodes, initializers: [shape], inputs: [value('x')], outputs: [value('y')] });
    expect(MEASURED.file()).toEqual(made);
  });
});
