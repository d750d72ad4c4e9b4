/** Entry of the thread for heavy JSON: one task after the other, in the order they come. */
import { parentPort } from 'node:worker_threads';
import { toErrorReport } from '../../contract/errors.ts';
import { encodeHeavy, lighten } from './json-heavy.ts';
import type { JsonResult, JsonTask } from './json-thread.ts';

parentPort?.on('message', ({ id, task }: { id: number; task: JsonTask }) => {
  const { result, moved } = run(task);
  parentPort?.postMessage({ id, result }, moved);
});

function run(task: JsonTask): { result: JsonResult; moved: ArrayBuffer[] } {
  try {
    if (task.type === 'lighten') {
      const { name, text, tail } = task;
      const beganMs = performance.now();
      const light = lighten(name, asBuffer(text), asBuffer(tail));
      return {
        result: { type: 'lightened', ms: performance.now() - beganMs, ...light },
        moved: own(light.tail),
      };
    }
    const { text, parts } = encodeHeavy(task.answer, task.binary);
    return { result: { type: 'encoded', text, parts: [...parts] }, moved: own(text) };
  } catch (thrown) {
    return { result: { type: 'failed', error: toErrorReport(thrown) }, moved: [] };
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Memory that is these bytes' alone is moved rather than copied. */
const own = (bytes: Uint8Array): ArrayBuffer[] =>
  bytes.buffer instanceof ArrayBuffer && bytes.buffer.byteLength === bytes.byteLength ? [bytes.buffer] : [];
