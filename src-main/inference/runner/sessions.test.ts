/** How many threads a model's runs get, on ONNX Runtime itself. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ON_CPU } from '../model-key.ts';
import { mlpModel, onnxFile } from '../testing/onnx-file.ts';
import { ALL_THREADS, loadModel, spareThreads, warmUp } from './sessions.ts';

const folder = mkdtempSync(join(tmpdir(), 'lathe-sessions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function threadsOf(widths: number[], chosen: number | null): Promise<number> {
  const path = join(folder, `${widths.join('-')}.onnx`);
  const bytes = onnxFile(mlpModel(widths));
  writeFileSync(path, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const model = await loadModel('m', path, sha256, { ...ON_CPU, threads: chosen });
  await warmUp(model, 32);
  await spareThreads(model, (await warmUp(model, 32)).runUs);
  // What is left is a session that runs.
  await warmUp(model, 32);
  await model.session.release();
  return model.threads;
}

const SLIGHT = [30, 64, 2];
/** Some 0.5 GFLOP for 32 rows: ten times what is too short to share. */
const HEAVY = [2048, 2048, 2048, 2];

describe('threads of a run', () => {
  it('are all cores, sixteen at most, where a run takes its time', async () => {
    expect(ALL_THREADS).toBe(Math.min(16, availableParallelism()));
    expect(await threadsOf(HEAVY, null)).toBe(ALL_THREADS);
  });

  it('is one where a run is over before another had woken up', async () => {
    expect(await threadsOf(SLIGHT, null)).toBe(1);
  });

  it('are as many as were chosen, whatever the model', async () => {
    expect(await threadsOf(SLIGHT, 2)).toBe(2);
    expect(await threadsOf(HEAVY, 1)).toBe(1);
  });
});
