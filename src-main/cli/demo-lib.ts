/** What the steps of the demo share: their context, waiting and checking. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rpc } from './client.ts';

/** Rows with what training wrote down for them (resources/sample/golden.json). */
export type Golden = {
  tolerance: number;
  inputs: { name: string; datatype: string }[];
  rows: { inputs: Record<string, unknown>; expected: Record<string, { probabilities: number[] }> }[];
};

export type DemoContext = { rpc: Rpc; golden: Golden; resources: string };

/** The endpoint that the sample makes and the replay plays flights through. */
export const SAMPLE = 'flight-delay';

/**
 * A busy machine is slow, not broken: a step is given up where nothing has moved for so long, however long it takes in all.
 */
export const STALL_MS = 60_000;

/** The step that runs, what it waits for and how far that is, and since when nothing of it has changed. */
const stage = { step: 0, now: '', sinceMs: 0 };

/** Says what is done now. The same words again are no progress. */
export function doing(what: string): void {
  if (what === stage.now) return;
  stage.now = what;
  stage.sinceMs = performance.now();
}

export async function until<T>(what: string | (() => string), attempt: () => Promise<T | null>): Promise<T> {
  const { step } = stage;
  while (stage.step === step) {
    doing(typeof what === 'string' ? what : what());
    const value = await attempt();
    if (value !== null) return value;
    await sleep(200);
  }
  throw new Error('the step was given up');
}

/** Does a step's work. Throws where nothing moves. */
export async function unlessStalled<T>(step: string, work: () => Promise<T>, stallMs = STALL_MS): Promise<T> {
  stage.step += 1;
  doing(`step ${step}`);
  const over = new AbortController();
  const watch = async (): Promise<never> => {
    for (;;) {
      const left = stage.sinceMs + stallMs - performance.now();
      if (left <= 0) throw new Error(`nothing has moved for ${stallMs / 1000} s; it waited for ${stage.now}`);
      await sleep(left, undefined, { signal: over.signal, ref: false });
    }
  };
  try {
    return await Promise.race([work(), watch()]);
  } finally {
    stage.step += 1;
    over.abort();
  }
}

export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
