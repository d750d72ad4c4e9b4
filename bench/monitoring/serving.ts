/**
 * What the tap costs serving: the built gateway and runner under wrk, with the endpoint's logging on and off in turns, so
 * that what else the machine does falls on both. Asked as fast as they answer, and at the pace of the target. The engine's part is done by this process: nothing but acknowledging in
 * the first pair; decoding, counting and logging as the engine does in the second.
 */

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMonitoringService } from '../../src-main/engine/areas/monitoring/monitoring.service.ts';
import { openTestContext } from '../../src-main/engine/testing.ts';
import { endpoint, settled, startStack } from '../../src-main/inference/testing/stack.ts';
import { scratch } from '../lib/app.ts';
import type { LoadResult } from '../lib/http-load.ts';
import { median, tell } from '../lib/report.ts';
import { CLIENTS, httpClient } from '../serving/clients.ts';
import { type BenchModel, type Body, benchModels, binaryBody, jsonBody, rowOf } from '../serving/models.ts';
import { depsOf, ENDPOINT, factsOf } from './world.ts';

const ROUNDS = 3;
/** Of the target, requests a second; wrk paces. More connections, as those that wait for their turn ask nothing. */
const PACE = 25_000;
const PACED_CLIENTS = 128;

export async function serving(measureMs: number): Promise<void> {
  const [model] = benchModels((name) => name === ENDPOINT);
  if (!model) throw new Error('there is no such model');
  const folder = scratch('monitoring');
  const context = await openTestContext();
  const service = createMonitoringService(context, depsOf(factsOf(30)));
  let counting = false;
  const stack = await startStack({
    built: true,
    async onTap(tap, blocks) {
      if (!counting) return;
      const { instance, seq, dropped, sampledOut } = tap;
      await service.ingestTap([{ blocks: blocks(), cursor: { instance, seq }, dropped, sampledOut }]);
    },
  });
  try {
    const client = await httpClient(folder.path);
    const spec = {
      ...stack.model(model.name, '1', readFileSync(model.path)),
      prediction: { label: null, score: { output: 'y', index: 1 }, threshold: 0.5 },
      tuning: { maxBatchRows: 64 },
    };
    const serve = async (logging: boolean) => {
      stack.apply({ models: [spec], endpoints: [endpoint(model.name, ['1'], { logging })] });
      await settled(stack);
      await sleep(300);
    };
    const loads = new Map<string, LoadResult[]>();
    for (let round = 0; round < ROUNDS; round++)
      // Each round in another order: what comes first has the warmer or the colder machine.
      for (const { name, body, paced } of asked(model))
        for (const how of turned(['off', 'tap', 'tap and engine'] as const, round)) {
          counting = how === 'tap and engine';
          await serve(how !== 'off');
          const url = stack.url(`/v2/models/${model.name}/infer`);
          const pace = paced ? { clients: PACED_CLIENTS, rate: PACE } : { clients: CLIENTS };
          const load = await client.load({ url, body, measureMs, slow: false, ...pace });
          if (load.failed > 0) throw new Error(`${load.failed} requests failed`);
          const key = `${name} ${how}`;
          loads.set(key, [...(loads.get(key) ?? []), load]);
        }
    const of = (name: string, how: string, figure: (load: LoadResult) => number) =>
      median((loads.get(`${name} ${how}`) ?? []).map(figure));
    const rate = (name: string, how: string) => of(name, how, ({ requests, seconds }) => requests / seconds);
    const rows = asked(model).flatMap(({ name }) =>
      ['off', 'tap', 'tap and engine'].map((how) => [
        `${name}, ${how}`,
        Math.round(rate(name, how)),
        `${(100 * (rate(name, how) / rate(name, 'off') - 1)).toFixed(1)} %`,
        of(name, how, ({ p50Ms }) => p50Ms).toFixed(2),
        of(name, how, ({ p99Ms }) => p99Ms).toFixed(2),
      ]),
    );
    tell({
      name: 'monitoring-serving',
      columns: ['what', 'requests/s', 'to off', 'p50 ms', 'p99 ms'],
      rows,
      notes: [
        `${model.title}, ${CLIENTS} clients (paced: ${PACED_CLIENTS}), one row a request; medians of ${ROUNDS} rounds in turns; ${client.name} asks`,
        'client, gateway, runner and, in the last, the engine share the machine: of two cores the engine takes what it counts with',
      ],
      data: Object.fromEntries(loads),
    });
  } finally {
    service.close();
    await stack.close();
    await context.close();
    folder.remove();
  }
}

function asked(model: BenchModel): { name: string; body: Body; paced: boolean }[] {
  const [json, binary] = [jsonBody(model, rowOf(model, 0)), binaryBody(model, rowOf(model, 0))];
  return [
    { name: 'JSON', body: json, paced: false },
    { name: 'binary', body: binary, paced: false },
    { name: `JSON, ${PACE.toLocaleString('en')} asked for a second`, body: json, paced: true },
  ];
}

const turned = <T>(list: readonly T[], by: number): T[] =>
  list.map((_, at) => list[(at + by) % list.length] as T);
