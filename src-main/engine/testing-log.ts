/** For tests only: a raw log over rows that are put into the database as the tap does it. */
import type { Datatype, FeatureValue } from '../contract/common.ts';
import { createRawLogArea } from './areas/raw-log/index.ts';
import type { AreaContext } from './context.ts';
import { inTransaction } from './data/database.ts';

const input = (name: string, datatype: Datatype) => ({ name, datatype, shape: [-1, 1] });
const INPUTS = [
  input('delay', 'FP32'),
  input('stops', 'INT64'),
  input('airline', 'BYTES'),
  input('night', 'BOOL'),
];
const ARMS = [{ key: 'champion', version: '1', weight: 10_000 }];

export const rawLogOn = (context: AreaContext, part: Partial<Parameters<typeof createRawLogArea>[1]> = {}) =>
  createRawLogArea(context, {
    endpoints: () => [{ id: 1, name: 'live', model: 'm', arms: ARMS }],
    inputs: () => INPUTS,
    retentionDays: () => 30,
    countBytesPerDay: async () => null,
    ...part,
  }).rawLog;

export type TestRow = {
  features: Record<string, FeatureValue>;
  endpointId?: number;
  eventMs?: number;
  receivedMs?: number;
  arm?: string;
  version?: number;
  score?: number | null;
};

export function putRows(context: Pick<AreaContext, 'db' | 'ids' | 'clock'>, rows: readonly TestRow[]): void {
  const insert = context.db.prepare(
    `INSERT INTO prediction(id, endpoint_id, arm, version, event_ms, received_ms, latency_us, features, score)
     VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)`,
  );
  const nowMs = context.clock.now();
  inTransaction(context.db, () => {
    for (const row of rows)
      insert.run(
        context.ids.next(),
        row.endpointId ?? 1,
        row.arm ?? 'champion',
        row.version ?? 1,
        row.eventMs ?? nowMs,
        row.receivedMs ?? nowMs,
        JSON.stringify(row.features),
        row.score ?? null,
      );
  });
}

export const flight = (at: number): TestRow => ({
  features: { delay: at / 2, stops: at % 3, airline: ['AA', 'BB', 'CC'][at % 3] ?? '', night: at % 2 === 0 },
  score: (at % 100) / 100,
});
export const flights = (from: number, count: number) =>
  Array.from({ length: count }, (_, at) => flight(from + at));
