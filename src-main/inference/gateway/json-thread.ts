/** A thread for JSON that would hold up everyone else's answers (json-heavy.ts). Starts with the first task. */
import { Worker } from 'node:worker_threads';
import { type ErrorReport, LatheError } from '../../contract/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Answer, EncodedAnswer } from './http-answer.ts';
import type { BinaryOutputs } from './http-request.ts';
import type { Lightened } from './json-heavy.ts';
import { createJsonLine, type Patience } from './json-line.ts';

export type JsonTask =
  | { type: 'lighten'; name: string; text: Uint8Array; tail: Uint8Array }
  | { type: 'encode'; answer: Answer; binary: BinaryOutputs };
export type JsonResult =
  /** `ms` is what it took the thread. */
  | ({ type: 'lightened'; ms: number } & Lightened)
  | { type: 'encoded'; text: Uint8Array; parts: Uint8Array[] }
  | { type: 'failed'; error: ErrorReport };

export type JsonThread = {
  /**
   * The request with its tensors as binary data; rejects with what is wrong about them, or when its turn would come too
   * late, or its client has left the line. The bytes are given away.
   */
  lighten(name: string, text: Buffer, tail: Buffer, patience: Patience): Promise<Lightened>;
  encode(answer: Answer, binary: BinaryOutputs): Promise<EncodedAnswer<Buffer>>;
  close(): void;
};

type Waiting = { resolve(result: JsonResult): void; reject(error: LatheError): void };

/** `file` is the worker's entry. */
export function createJsonThread(file: URL, clock: Clock): JsonThread {
  let worker: Worker | null = null;
  const line = createJsonLine(clock);
  /** One at most: the line gives out one task at a time. */
  const waiting = new Map<number, Waiting>();
  let nextId = 0;

  function spawn(): Worker {
    const started = new Worker(file, { name: 'json' });
    started.unref();
    started.on('message', ({ id, result }: { id: number; result: JsonResult }) => {
      const one = waiting.get(id);
      waiting.delete(id);
      line.ended(result.type === 'lightened' ? result.ms : null);
      if (result.type === 'failed') one?.reject(new LatheError(result.error.code, result.error.details));
      else one?.resolve(result);
    });
    // Out of memory on one body is the end of the thread, not of the gateway; the next task starts another.
    const lost = (reason: string) => {
      if (worker !== started) return;
      worker = null;
      for (const one of waiting.values()) one.reject(new LatheError('LATHE_INTERNAL', { reason }));
      waiting.clear();
      line.ended(null);
    };
    started.on('error', (error) => lost(`reading or writing its JSON failed: ${error.message}`));
    started.on('exit', () => lost('the thread that reads its JSON ended'));
    return started;
  }

  /** Only in its turn. */
  const run = (task: JsonTask, moved: ArrayBuffer[], one: Waiting): void => {
    worker ??= spawn();
    nextId += 1;
    waiting.set(nextId, one);
    worker.postMessage({ id: nextId, task }, moved);
  };

  return {
    async lighten(name, text, tail, patience) {
      const { buffer } = text;
      // A body of its own memory is moved; a view of the pool is copied.
      const whole = buffer instanceof ArrayBuffer && buffer.byteLength === text.length + tail.length;
      const result = await new Promise<JsonResult>((resolve, reject) =>
        line.read({
          bytes: text.length + tail.length,
          patience,
          begin: () => run({ type: 'lighten', name, text, tail }, whole ? [buffer] : [], { resolve, reject }),
          refuse: reject,
        }),
      );
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
      const task: JsonTask = { type: 'encode', answer: { ...answer, outputs: cut }, binary };
      const result = await new Promise<JsonResult>((resolve, reject) =>
        line.write(() => run(task, moved, { resolve, reject })),
      );
      if (result.type !== 'encoded') throw unexpected();
      const { text } = result;
      return { text: Buffer.from(text.buffer, text.byteOffset, text.byteLength), parts: result.parts };
    },
    close() {
      const ending = worker;
      worker = null;
      waiting.clear();
      line.clear();
      void ending?.terminate();
    },
  };
}

const unexpected = () => new LatheError('LATHE_INTERNAL', { reason: 'the JSON thread gave another answer' });
