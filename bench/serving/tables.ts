/** What was measured, as tables: each says what it is held against. */
import { cpus } from 'node:os';
import { tell } from '../lib/report.ts';
import { CLIENTS } from './clients.ts';
import type { LatheCells, MemoryRow, Overload } from './lathe.ts';
import type { BenchModel } from './models.ts';
import { LATHE, type PeerRow, rateOf } from './peers.ts';
import { PAUSE_MS, type Raw } from './raw.ts';

export type Measured = {
  model: BenchModel;
  raw: Raw;
  /** The best batch and its rows a second, of two runs. */
  best: { rows: number; rate: number };
  /** Largest batch that the servers may make. */
  maxBatchRows: number;
  lathe: LatheCells;
  /** Of the least of servers, one client. */
  bare: Load;
  /** With fewer threads, so that a core is left for client and gateway, on either side. */
  apart: (Record<'json' | 'binary', Load> & { best: { rows: number; rate: number }; threads: number }) | null;
};
type Cell = string | number;
type Load = { requests: number; seconds: number; p50Ms: number; p99Ms: number; failed: number };

const rate = (load: Load): number => load.requests / load.seconds;
const share = (part: number, of: number): string => `${((100 * part) / of).toFixed(1)} %`;
/** Slow rates would all be 3 or 4. */
const count = (value: number): string =>
  value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
const ms = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

export function tellServing(all: readonly Measured[], notes: readonly string[]): void {
  const rows = all.flatMap(({ model, raw, best, lathe, bare }) => {
    const row = (what: string, clients: Cell, load: Load, batch: Cell = ''): Cell[] => [
      what,
      clients,
      count(rate(load)),
      ms(load.p50Ms),
      ms(load.p99Ms),
      batch,
      share(rate(load), best.rate),
      load.failed,
    ];
    const alone = Object.entries(raw.sizes).map(([size, { rowsPerSecond, p50Ms }]): Cell[] => {
      const named = Number(size) === best.rows ? 'ONNX Runtime alone, best batch' : 'ONNX Runtime alone';
      return [
        `  ${named}`,
        '',
        count(rowsPerSecond),
        ms(p50Ms),
        '',
        size,
        share(rowsPerSecond, best.rate),
        '',
      ];
    });
    return [
      [model.title, ...Array(7).fill('')],
      ...alone,
      [`  ONNX Runtime alone, after ${PAUSE_MS} ms of pause`, '', '', ms(raw.pausedMs), '', 1, '', ''],
      row('  binary tensors', CLIENTS, lathe.binary, lathe.meanBatch.toFixed(1)),
      row('  JSON', CLIENTS, lathe.json),
      ...(lathe.triton
        ? [
            row('  tritonclient HTTP', CLIENTS, lathe.triton.http),
            row('  tritonclient gRPC', CLIENTS, lathe.triton.grpc),
          ]
        : []),
      row('  binary tensors', 1, lathe.oneBinary),
      row('  JSON', 1, lathe.oneJson),
      row('  bare node:http, the model in its process', 1, bare),
    ];
  });
  tell({
    name: 'serving',
    columns: ['model', 'clients', 'rows/s', 'p50 ms', 'p99 ms', 'batch', 'of the best', 'failed'],
    rows,
    notes,
    data: all,
  });
}

export function tellPeers(
  all: readonly Measured[],
  peers: readonly PeerRow[],
  notes: readonly string[],
): void {
  const rows = all.flatMap(({ model }) => {
    const own = ownOf(peers, model.name);
    const inModel = peers.filter((peer) => peer.model === model.name);
    return inModel.map((peer, at): Cell[] => {
      const begin = [at === 0 ? model.title : '', peer.version];
      if ('problem' in peer) return [...begin, peer.problem, '–', '–', '–', '–', '–', '–'];
      const { load, settings } = peer;
      const figures = [count(rateOf(peer)), ms(load.p50Ms), ms(load.p99Ms), load.failed];
      return [...begin, settings, ...figures, times(own.json, rateOf(peer)), times(own.binary, rateOf(peer))];
    });
  });
  tell({
    name: 'serving-peers',
    columns: [
      'model',
      'server',
      'settings',
      'rows/s',
      'p50 ms',
      'p99 ms',
      'failed',
      'Lathe JSON',
      'Lathe binary',
    ],
    rows,
    notes: [
      'the same client, ONNX Runtime version, threads in all and row, at most the same batch; the better of two settings',
      'Lathe JSON, Lathe binary: how many times as many rows a second Lathe answers',
      'every answer was compared with ONNX Runtime’s first',
      ...notes,
    ],
    data: peers,
  });
}

/** Lathe's rows a second next to the others. */
function ownOf(peers: readonly PeerRow[], model: string): { json: number; binary: number } {
  const own = peers.find((one) => one.model === model && one.peer === LATHE);
  if (!own || 'problem' in own) return { json: Number.NaN, binary: Number.NaN };
  return { json: rateOf(own), binary: own.binary ? rate(own.binary) : Number.NaN };
}

const times = (ours: number, theirs: number): string =>
  theirs > 0 ? `${(ours / theirs).toFixed(1)} ×` : '–';

export function tellMemory(memory: readonly MemoryRow[]): void {
  tell({
    name: 'serving-memory',
    columns: [
      'loaded',
      'model file MiB',
      'gateway PSS MiB',
      'runner PSS MiB',
      'both PSS MiB',
      'both RSS MiB',
    ],
    rows: memory.map(({ what, gateway, runner, fileMiB }) => [
      what,
      fileMiB === null ? '' : fileMiB.toFixed(1),
      Math.round(gateway.pssMiB),
      Math.round(runner.pssMiB),
      Math.round(gateway.pssMiB + runner.pssMiB),
      Math.round(gateway.rssMiB + runner.rssMiB),
    ]),
    notes: [
      'each model alone in new processes, after its warm-up; PSS counts a page that processes share once',
    ],
    data: memory,
  });
}

export function tellTargets(
  all: readonly Measured[],
  overload: Overload | null,
  peers: readonly PeerRow[],
  notes: readonly string[],
): void {
  const rows: Cell[][] = [];
  const add = (what: string, target: string, value: string, isMet: boolean, beside = '') =>
    rows.push([what, target, value, isMet ? 'yes' : 'no', beside]);
  for (const { model, apart } of all) {
    if (!apart) continue;
    const { best } = apart;
    const [binary, json] = [rate(apart.binary), rate(apart.json)];
    const title = `${model.title}: of ONNX Runtime alone with ${apart.threads} of ${cores} cores, binary`;
    add(
      title,
      '≥ 90 %',
      share(binary, best.rate),
      binary >= 0.9 * best.rate,
      `${count(binary)} of ${count(best.rate)} rows/s; JSON ${share(json, best.rate)}`,
    );
  }
  for (const { model, lathe } of all.filter((one) => one.model.name === 'tabular')) {
    const json = rate(lathe.json);
    const beside = `binary ${count(rate(lathe.binary))}`;
    add(`${model.title}: JSON, rows/s`, '≥ 25,000', count(json), json >= 25_000, beside);
  }
  for (const { model, raw, lathe, bare } of all) {
    const alone = raw.pausedMs;
    const added = lathe.oneBinary.p50Ms - alone;
    const beside = `JSON ${ms(lathe.oneJson.p50Ms - alone)}, a bare node:http server ${ms(bare.p50Ms - alone)}; alone ${ms(alone)}, run after run ${ms(raw.sizes[1]?.p50Ms ?? null)}`;
    add(
      `${model.title}: added at p50, 1 client, binary, to ONNX Runtime alone after ${PAUSE_MS} ms of pause, ms`,
      '≤ 0.5',
      ms(added),
      added <= 0.5,
      beside,
    );
  }
  if (overload) {
    const { capacity, sloMs, load, loopP99Ms, loopWorstMs } = overload;
    const good = load.inTime / load.seconds;
    const offered = `offered ${count(load.offered)}/s of ${count(capacity)}/s`;
    add(
      'overload 1.5 ×: answered in time, of capacity',
      '≥ 95 %',
      share(good, capacity),
      good >= 0.95 * capacity,
      offered,
    );
    const beside = `refused ${load.refused}, failed ${load.failed}, loop p99 ${loopP99Ms.toFixed(1)} ms in the usual second, ${loopWorstMs.toFixed(1)} in the worst`;
    add('overload 1.5 ×: p99 of the answered, ms', `≤ ${sloMs}`, ms(load.p99Ms), load.p99Ms <= sloMs, beside);
  }
  for (const peer of peers.filter((one) => one.peer !== LATHE)) {
    const title = `${all.find(({ model }) => model.name === peer.model)?.model.title}: to ${peer.version}, JSON`;
    const target = peer.peer === 'fastapi' && peer.model === 'mlp' ? 8 : 1;
    const [own, theirs] = [ownOf(peers, peer.model), rateOf(peer)];
    const beside = 'problem' in peer ? 'it did not run' : `binary ${times(own.binary, theirs)}`;
    const isMet = target > 1 ? own.json >= target * theirs : own.json > theirs;
    add(title, target > 1 ? `≥ ${target} ×` : '> 1 ×', times(own.json, theirs), isMet, beside);
  }
  tell({
    name: 'serving-targets',
    columns: ['what', 'target', 'measured', 'met', 'beside'],
    rows,
    notes,
    data: { overload },
  });
}

export const cores = cpus().length;
