/** A thread for JSON that would hold up everyone else's answers (json-heavy.ts). Starts with the first task. */
import { Worker } from 'node:worker_threads';
import { type ErrorReport, LatheError } from '../../contract/errors.ts';
import type { Answer, EncodedAnswer } from './http-answer.ts';
import type { BinaryOutputs } from './http-request.ts';
import type { Lightened } from './json-heavy.ts';

export type JsonTask =
  | { type: 'lighten'; name: string; text: Uint8Array; tail: Uint8Array }
  | { type: 'encode'; answer: Answer; binary: BinaryOutputs };
export type JsonResult =
  | ({ type: 'lightened' } & Lightened)
  | { type: 'encoded'; text: Uint8Array; parts: Uint8Array[] }
  | { type: 'failed'; error: ErrorReport };

export type JsonThread = {
  /** The request with its tensors as binary data; rejects with what is wrong about them. The bytes are given away. */
  lighten(name: string, text: Buffer, tail: Buffer): Promise<Lightened>;
  encode(answer: Answer, binary: BinaryOutputs): Promise<EncodedAnswer<Buffer>>;
  close(): void;
};

type Waiting = { resolve(result: JsonResult): void; reject(error: LatheError): void };

/** `file` is the worker's entry. */
export function createJsonThread(file: URL): JsonThread {
  let worker: Worker | null = null;
  const waiting = new Map<number, Waiting>();
  let nextId = 0;

  function spawn(): Worker {
    const started = new Worker(file, { name: 'json' });
    started.unref();
    started.on('message', ({ id, result }: { id: number; result: JsonResult }) => {
      const one = waiting.get(id);
      waiting.delete(id);
      if (result.type === 'failed') one?.reject(new LatheError(result.error.code, result.error.details));
      else one?.resolve(result);
    });
    // Out of memory on one body is the end of the thread, not of the gateway; the next task starts another.
    const lost = (reason: string) => {
      if (worker !== started) return;
      worker = null;
      for (const one of waiting.values()) one.reject(new LatheError('LATHE_INTERNAL', { reason }));
      waiting.clear();
    };
    started.on('error', (error) => lost(`reading or writing its JSON failed: ${error.message}`));
    started.on('exit', () => lost('the thread that reads its JSON ended'));
    return started;
  }

  const run = (task: JsonTask, moved: ArrayBuffer[] = []): Promise<JsonResult> =>
    new Promise((resolve, reject) => {
      worker ??= spawn();
      nextId += 1;
      waiting.set(nextId, { resolve, reject });
      worker.postMessage({ id: nextId, task }, moved);
    });

  return {
    async lighten(name, text, tail) {
      const { buffer } = text;
      // A body of its own memory is moved; a view of the pool is copied.
      const whole = buffer instanceof ArrayBuffer && buffer.byteLength === text.length + tail.length;
      const result = await run({ type: 'lighten', name, text, tail }, whole ? [buffer] : []);
      if (result.type !== 'lightened') throw unexpected();
      return result;
    },
    async encode({ outputs, ...answer }, binary) {
      // Windows of a batch that others are answered from too: their part is copied out.
      const cut = outputs.map((output) => {
        const values = output.values.slice(output.from, output.to);
        return { ...output, values, from: 0, to: values.length };
      });
      const moved = cut.flatMap(({ values }) =>
        ArrayBuffer.isView(values) ? [values.buffer as ArrayBuffer] : [],
      );
      const result = await run({ type: 'encode', answer: { ...answer, outputs: cut }, binary }, moved);
      if (result.type !== 'encoded') throw unexpected();
      const { text } = result;
      return { text: Buffer.from(text.buffer, text.byteOffset, text.byteLength), parts: result.parts };
    },
    close() {
      const ending = worker;
      worker = null;
      waiting.clear();
      void ending?.terminate();
    },
  };
}

const unexpected = () => new LatheError('LATHE_INTERNAL', { reason: 'the JSON thread gave another answer' });
