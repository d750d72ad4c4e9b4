import { afterEach, beforeEach, expect, it } from 'vitest';
import { UPLOAD_CHUNK_BYTES } from '../../src-main/contract/uploads.ts';
import type { Rpc } from './rpc.ts';
import { uploadFile } from './upload.ts';

/** Node has no FileReader: the one method that is used, on Node's own Blob. */
class NodeFileReader {
  result: string | null = null;
  error: unknown = null;
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;

  async readAsDataURL(blob: Blob) {
    const text = Array.from(new Uint8Array(await blob.arrayBuffer()), (byte) =>
      String.fromCharCode(byte),
    ).join('');
    this.result = `data:;base64,${btoa(text)}`;
    this.onload?.();
  }
}

beforeEach(() => {
  Object.assign(globalThis, { FileReader: NodeFileReader });
});
afterEach(() => {
  Reflect.deleteProperty(globalThis, 'FileReader');
});

/** An engine that keeps pieces in memory. */
function receiver(failAt = Number.POSITIVE_INFINITY) {
  let kept = '';
  let pieces = 0;
  let aborted = 0;
  const client = {
    begin: async () => ({ uploadId: 'u1' }),
    chunk: async ({ offset, base64 }: { offset: number; base64: string }) => {
      if (pieces++ >= failAt) throw new Error('disk full');
      expect(offset).toBe(kept.length);
      kept += atob(base64);
      return { received: kept.length };
    },
    abort: async () => {
      aborted++;
      return { aborted: true };
    },
  } as unknown as Rpc['uploads'];
  return { client, text: () => kept, aborts: () => aborted };
}

const SIZE = UPLOAD_CHUNK_BYTES * 2 + 17;
const content = 'lathe'.repeat(SIZE).slice(0, SIZE);
const file = () => new File([content], 'model.onnx');

it('sends every byte in order and tells how far it is', async () => {
  const engine = receiver();
  const seen: number[] = [];
  const id = await uploadFile(engine.client, file(), {
    signal: new AbortController().signal,
    onProgress: (n) => seen.push(n),
  });
  expect(id).toBe('u1');
  expect(engine.text() === content).toBe(true);
  expect(seen).toEqual([UPLOAD_CHUNK_BYTES, UPLOAD_CHUNK_BYTES * 2, SIZE]);
});

it('a cancel stops it and frees what had arrived', async () => {
  const engine = receiver();
  const abort = new AbortController();
  await expect(
    uploadFile(engine.client, file(), { signal: abort.signal, onProgress: () => abort.abort() }),
  ).rejects.toThrow();
  expect(engine.text().length).toBe(UPLOAD_CHUNK_BYTES);
  expect(engine.aborts()).toBe(1);
});

it('a failure frees what had arrived and is told', async () => {
  const engine = receiver(1);
  const sending = uploadFile(engine.client, file(), {
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  await expect(sending).rejects.toThrow('disk full');
  expect(engine.aborts()).toBe(1);
});
