import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '../../../../src-main/contract/common.ts';
import { type ImageOptions, imageInput, imageValues, placement, valuesText } from './image-rules.ts';

const spec = (shape: number[], datatype: TensorSpec['datatype'] = 'FP32'): TensorSpec => ({
  name: 'image',
  datatype,
  shape,
});
const options: ImageOptions = {
  layout: 'NCHW',
  height: 1,
  width: 2,
  fit: 'cover',
  order: 'RGB',
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};
// Two pixels: (10, 20, 30) and (40, 50, 60).
const pixels = [10, 20, 30, 255, 40, 50, 60, 255];

it('a picture is known by its shape', () => {
  expect(imageInput([spec([-1, 3, 224, 224])])).toMatchObject({ layout: 'NCHW', channels: 3, height: 224 });
  expect(imageInput([spec([-1, 32, 48, 3])])).toMatchObject({ layout: 'NHWC', height: 32, width: 48 });
  expect(imageInput([spec([-1, 1, -1, -1])])).toMatchObject({ channels: 1, height: 0, width: 0 });
  expect(imageInput([spec([-1, 16, 16, 16])])).toBeNull();
  expect(imageInput([spec([-1, 3, 224, 224], 'BYTES')])).toBeNull();
  expect(imageInput([spec([-1, 3, 8, 8]), spec([-1, 1])])).toBeNull();
});

describe('pixels', () => {
  it('lie plane by plane, or pixel by pixel', () => {
    expect([...imageValues(pixels, 3, options)]).toEqual([10, 40, 20, 50, 30, 60]);
    expect([...imageValues(pixels, 3, { ...options, layout: 'NHWC' })]).toEqual([10, 20, 30, 40, 50, 60]);
    expect([...imageValues(pixels, 3, { ...options, layout: 'NHWC', order: 'BGR' })]).toEqual([
      30, 20, 10, 60, 50, 40,
    ]);
  });

  it('are scaled, then moved by the mean and divided by the deviation of their channel', () => {
    const scaled = { ...options, scale: 0.1, mean: [1, 2, 3], std: [1, 2, 4] };
    expect([...imageValues(pixels, 3, scaled)]).toEqual([0, 3, 0, 1.5, 0, 0.75]);
  });

  it('become grey where there is one channel', () => {
    expect(imageValues([255, 255, 255, 255, 0, 0, 0, 255], 1, options)[0]).toBeCloseTo(255, 6);
  });

  it('are whole numbers in range where the type has none between', () => {
    const values = Float64Array.of(-3, 0.26, 299.9);
    expect(JSON.parse(valuesText(values, 'UINT8'))).toEqual([0, 0, 255]);
    expect(JSON.parse(valuesText(values, 'FP32'))).toEqual([-3, 0.26, 299.9]);
  });
});

it('a picture is cut, framed or stretched into place', () => {
  const from = { width: 200, height: 100 };
  const to = { width: 50, height: 50 };
  expect(placement(from, to, 'cover')).toEqual({ x: -25, y: 0, width: 100, height: 50 });
  expect(placement(from, to, 'contain')).toEqual({ x: 0, y: 12.5, width: 50, height: 25 });
  expect(placement(from, to, 'stretch')).toEqual({ x: 0, y: 0, width: 50, height: 50 });
});
