/** What the steps of the demo share: their context, waiting and checking. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rpc } from './client.ts';

/** Rows with what training wrote down for them (resources/sample/golden.json). */
export type Golden = {
  tolerance: number;
  inputs: { name: string; datatype: string }[];
  rows: { inputs: Record<string, unknown>; expected: Record<string, { probabilities: number[] }> }[];
};

export type DemoContext = { rpc: Rpc; golden: Golden; resources: string; deadline: number };

/** The endpoint that the sample makes and the replay plays flights through. */
export const SAMPLE = 'flight-delay';

/** What is being waited for, and how far it is: said when there is no time left. */
export const stage = { now: '' };

export async function until<T>(
  { deadline }: Pick<DemoContext, 'deadline'>,
  what: string | (() => string),
  attempt: () => Promise<T | null>,
): Promise<T> {
  while (performance.now() < deadline) {
    stage.now = typeof what === 'string' ? what : what();
    const value = await attempt();
    if (value !== null) return value;
    await sleep(200);
  }
  throw new Error(`${stage.now} did not come in time`);
}

export function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
