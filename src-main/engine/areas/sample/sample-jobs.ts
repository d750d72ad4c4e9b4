/** Entry for the analysis process: what the sample's flights came to, day by day. */
import type { AnalysisJob } from '../../analysis/index.ts';
import { literal } from '../../analysis/sql.ts';

export type DaysInput = {
  /** flights.parquet. */
  file: string;
  /** Of the scheduled departures. */
  fromMs: number;
  toMs: number;
};

/** `dayMs`: where the day begins, UTC. `minutesLate`: mean over its flights of the minutes after the scheduled arrival, an early one counting as 0. */
export type FlightDay = { dayMs: number; minutesLate: number };

const DAY_MS = 86_400_000;

export const run: AnalysisJob<DaysInput, FlightDay[]> = async ({ file, fromMs, toMs }, tools) => {
  const duck = await tools.duck({ files: [file], temporary: tools.temporary });
  const rows = await duck.rows(
    `SELECT scheduled_ms // ${DAY_MS} * ${DAY_MS} AS day, avg(greatest(arr_delay, 0)) FROM read_parquet(${literal(file)})
     WHERE scheduled_ms >= ? AND scheduled_ms < ? GROUP BY day ORDER BY day`,
    [fromMs, toMs],
  );
  return { result: rows.map(([day, late]) => ({ dayMs: Number(day), minutesLate: Number(late) })) };
};
