/** Decodes, resizes and writes a picture beside the thread that draws: millions of values for a large one. */
import { type ImageOptions, imageValues, placement, valuesText } from './image-rules.ts';

export type ImageQuestion = { file: Blob; datatype: string; channels: 1 | 3; options: ImageOptions };
export type ImageAnswer =
  | { data: string; preview: ImageBitmap; low: number; high: number; from: { width: number; height: number } }
  | { problem: string };

self.onmessage = async ({ data }: MessageEvent<ImageQuestion>) => {
  try {
    const answer = await tensorOf(data);
    self.postMessage(answer, { transfer: 'preview' in answer ? [answer.preview] : [] });
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    self.postMessage({ problem: `The file cannot be read as a picture (${reason}).` } satisfies ImageAnswer);
  }
};

async function tensorOf({ file, datatype, channels, options }: ImageQuestion): Promise<ImageAnswer> {
  const bitmap = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(options.width, options.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return { problem: 'This browser gives no canvas to resize the picture on.' };
  context.imageSmoothingQuality = 'high';
  const from = { width: bitmap.width, height: bitmap.height };
  const place = placement(from, options, options.fit);
  // Where the picture does not reach, and where it is see-through, there is black.
  context.fillStyle = '#000';
  context.fillRect(0, 0, options.width, options.height);
  context.drawImage(bitmap, place.x, place.y, place.width, place.height);
  bitmap.close();
  const { data: pixels } = context.getImageData(0, 0, options.width, options.height);
  const values = imageValues(pixels, channels, options);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { data: valuesText(values, datatype), preview: canvas.transferToImageBitmap(), low, high, from };
}
