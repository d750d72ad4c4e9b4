/** Pictures as tensors: which inputs take one, and how pixels become their values. Pure. */
import type { TensorSpec } from '../../../../src-main/contract/common.ts';

export type Layout = 'NCHW' | 'NHWC';
/** Sizes are 0 where the model leaves them free. */
export type ImageInput = { name: string; layout: Layout; channels: 1 | 3; height: number; width: number };

export type ImageOptions = {
  layout: Layout;
  height: number;
  width: number;
  /** Cut what sticks out, leave bars, or stretch. */
  fit: 'cover' | 'contain' | 'stretch';
  order: 'RGB' | 'BGR';
  /** Pixels of 0 to 255 are multiplied by it, the mean is taken off and the rest divided by the deviation. */
  scale: number;
  mean: readonly number[];
  std: readonly number[];
};

const TYPES = ['FP32', 'FP64', 'UINT8', 'INT8', 'INT32', 'INT64'];
export const MOST_SIDE = 1_024;

/** The model's only picture-shaped input; null when it has none, or other inputs besides. */
export function imageInput(specs: readonly TensorSpec[]): ImageInput | null {
  const [spec] = specs;
  if (!spec || specs.length !== 1 || spec.shape.length !== 4 || !TYPES.includes(spec.datatype)) return null;
  const [, a = 0, b = 0, c = 0] = spec.shape;
  const side = (size: number) => Math.max(0, size);
  const isChannels = (size: number): size is 1 | 3 => size === 1 || size === 3;
  const { name } = spec;
  if (isChannels(a)) return { name, layout: 'NCHW', channels: a, height: side(b), width: side(c) };
  if (isChannels(c)) return { name, layout: 'NHWC', channels: c, height: side(a), width: side(b) };
  return null;
}

export const PRESETS = [
  { id: 'raw', label: '0 to 255', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
  { id: 'unit', label: '0 to 1', scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] },
  { id: 'signed', label: '−1 to 1', scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  {
    id: 'imagenet',
    label: 'ImageNet',
    scale: 1 / 255,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
] as const;
export type PresetId = (typeof PRESETS)[number]['id'];

/** Where the picture lies in the target, in its pixels. */
export function placement(
  from: { width: number; height: number },
  to: { width: number; height: number },
  fit: ImageOptions['fit'],
): { x: number; y: number; width: number; height: number } {
  if (fit === 'stretch') return { x: 0, y: 0, width: to.width, height: to.height };
  const byWidth = to.width / from.width;
  const byHeight = to.height / from.height;
  const by = fit === 'cover' ? Math.max(byWidth, byHeight) : Math.min(byWidth, byHeight);
  const width = from.width * by;
  const height = from.height * by;
  return { x: (to.width - width) / 2, y: (to.height - height) / 2, width, height };
}

/** `pixels` are RGBA rows; the values of one picture in the layout's order. One channel is the luma of three. */
export function imageValues(
  pixels: ArrayLike<number>,
  channels: 1 | 3,
  { layout, height, width, order, scale, mean, std }: ImageOptions,
): Float64Array {
  const area = height * width;
  const values = new Float64Array(area * channels);
  const sources = channels === 1 ? [0] : order === 'RGB' ? [0, 1, 2] : [2, 1, 0];
  for (let pixel = 0; pixel < area; pixel++) {
    const at = pixel * 4;
    for (let channel = 0; channel < channels; channel++) {
      const raw =
        channels === 1
          ? 0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0)
          : (pixels[at + (sources[channel] ?? 0)] ?? 0);
      const value = (raw * scale - (mean[channel] ?? 0)) / (std[channel] || 1);
      values[layout === 'NCHW' ? channel * area + pixel : pixel * channels + channel] = value;
    }
  }
  return values;
}

/** As the JSON list: four decimals are finer than a pixel's step, and whole numbers where the type is one. */
export function valuesText(values: Float64Array, datatype: string): string {
  const whole = !datatype.startsWith('FP');
  const low = datatype === 'UINT8' ? 0 : datatype === 'INT8' ? -128 : Number.NEGATIVE_INFINITY;
  const high = datatype === 'UINT8' ? 255 : datatype === 'INT8' ? 127 : Number.POSITIVE_INFINITY;
  const words = new Array<number>(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    words[at] = whole
      ? Math.min(high, Math.max(low, Math.round(value)))
      : Math.round(value * 10_000) / 10_000;
  }
  return `[${words.join(',')}]`;
}
