/**
 * A workspace as large as the issue asks for: 10,000 runs of 50 params and 500 points each, five million points; and
 * beside them 30 runs of 100,000 points in one metric. Written by the store's own code, once: it is kept in the
 * system's folder for temporary files.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExperimentStore } from '../../src-main/engine/areas/experiments/experiments.store.ts';
import { inTransaction } from '../../src-main/engine/data/database.ts';
import { openWorkspace } from '../../src-main/engine/data/workspace.ts';
import { systemClock } from '../../src-main/platform/clock.ts';
import { createIds } from '../../src-main/platform/ids.ts';

/** Raise it when what is written here changes: the next time makes a new one. */
const EDITION = 2;
export const RUNS = 10_000;
export const LONG_RUNS = 30;
export const LONG_POINTS = 100_000;
export const WIDE = 'sweep';
export const LONG = 'long';

/** Points of each metric of a run. */
const METRICS = { loss: 300, accuracy: 100, val_loss: 50, val_accuracy: 40, lr: 10 } as const;
const RUNS_AT_ONCE = 20;
export const START_MS = Date.UTC(2026, 0, 5);

/** The folder of the workspace. Who changes it leaves it as it was. */
export async function fixture(say: (text: string) => void): Promise<string> {
  const path = join(tmpdir(), `lathe-bench-tracking-${EDITION}`);
  if (existsSync(path)) return path;
  say('making the fixture, once (about a minute)');
  const unborn = `${path}.new`;
  rmSync(unborn, { recursive: true, force: true });
  mkdirSync(unborn);
  const ids = createIds(systemClock);
  const workspace = await openWorkspace({
    path: unborn,
    create: true,
    name: 'bench',
    clock: systemClock,
    ids,
  });
  const { db } = workspace;
  const store = createExperimentStore(db);
  const random = mulberry(7);
  for (const name of [WIDE, LONG]) store.insertExperiment(ids.next(), name, '', START_MS);
  const experiment = (name: string) => store.experimentByName(name)?.id as number;
  const newRun = (name: string, index: number) =>
    store.insertRun({
      uuid: ids.next(),
      experiment: experiment(name),
      name: `${name}-${index}`,
      user: 'bench',
      startMs: START_MS + index * 60_000,
      note: '',
    });
  for (let from = 0; from < RUNS; from += RUNS_AT_ONCE)
    inTransaction(db, () => {
      for (let index = from; index < from + RUNS_AT_ONCE; index++) {
        const run = newRun(WIDE, index);
        for (const [key, value] of paramsOf(random)) store.putParam(run, key, value);
        store.setTag(run, 'team', `team-${index % 5}`);
        for (const [key, count] of Object.entries(METRICS))
          store.addPoints(run, key, curve(random, count, 1));
        store.endRun(run, index % 20 === 0 ? 'FAILED' : 'FINISHED', START_MS + index * 60_000 + 50_000);
      }
    });
  for (let index = 0; index < LONG_RUNS; index++) {
    const run = inTransaction(db, () => newRun(LONG, index));
    const points = curve(random, LONG_POINTS, 1);
    for (let at = 0; at < LONG_POINTS; at += 10_000)
      inTransaction(db, () => store.addPoints(run, 'loss', points.slice(at, at + 10_000)));
  }
  await workspace.close();
  renameSync(unborn, path);
  return path;
}

const OPTIMIZERS = ['adam', 'adamw', 'sgd', 'lion', 'rmsprop'];

/** Ten that vary as numbers, ten as words, thirty that hardly do. */
function paramsOf(random: () => number): [string, string][] {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  return [
    ['learning_rate', (10 ** (-5 + 4 * random())).toPrecision(4)],
    ['batch_size', String(2 ** (4 + Math.floor(random() * 6)))],
    ['optimizer', pick(OPTIMIZERS)],
    ...Array.from({ length: 8 }, (_, n): [string, string] => [
      `num_${n}`,
      (random() * 10 ** n).toPrecision(6),
    ]),
    ...Array.from({ length: 9 }, (_, n): [string, string] => [
      `choice_${n}`,
      `option-${Math.floor(random() * (n + 2))}`,
    ]),
    ...Array.from({ length: 30 }, (_, n): [string, string] => [
      `fixed_${n}`,
      random() < 0.01 ? 'other' : 'usual',
    ]),
  ];
}

function curve(random: () => number, count: number, everyMs: number) {
  const floor = 0.1 + random() * 0.4;
  const speed = 5 + random() * 20;
  return Array.from({ length: count }, (_, step) => ({
    step,
    timestampMs: START_MS + step * 1000 * everyMs + Math.floor(random() * 100),
    value: floor + Math.exp((-speed * step) / count) + 0.05 * random(),
  }));
}

/** Small seeded generator (mulberry32, public domain by T. Ettinger), so that every machine has the same data. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
