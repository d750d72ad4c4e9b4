/** What the counts of an endpoint take on disk: its hours and days, without the minutes, which are kept for two days only. */
import { WINDOW_SIZE_MS } from '../../../contract/monitoring-series.ts';
import type { Readers } from '../../data/readers.ts';
import { chunkOf } from './bins.rules.ts';
import { LEVELS } from './places.ts';

const DAYS = 7;
/** Of a row: its numbers and what SQLite keeps of each column. */
const ROW_BYTES = 56;

/** Bytes per day of event time, over the newest seven days that have rows; null before the first. */
export async function countBytesPerDay(
  readers: Pick<Readers, 'all'>,
  endpointId: number,
): Promise<number | null> {
  const days = await readers.all<{ windowMs: number }>(
    `SELECT DISTINCT window_ms AS windowMs FROM window_rows WHERE endpoint_id = ? AND level = ${LEVELS.day}
     ORDER BY window_ms DESC LIMIT ${DAYS}`,
    [endpointId],
  );
  const [newest, oldest] = [days[0]?.windowMs, days.at(-1)?.windowMs];
  if (newest === undefined || oldest === undefined) return null;
  const [sum] = await readers.all<{ bytes: number }>(
    `SELECT total(length(counts) + length(feature) + length(arm) + ${ROW_BYTES}) AS bytes
     FROM pane_feature JOIN window_pane ON endpoint_id = ? AND level IN (${LEVELS.hour}, ${LEVELS.day}) AND feature = name
       AND window_ms >= ? AND window_ms < ?`,
    [endpointId, oldest, newest + WINDOW_SIZE_MS.day],
  );
  // Chunks that reach into these days: they are longer than one.
  const { chunkMs } = chunkOf(oldest, WINDOW_SIZE_MS.hour);
  const [bins] = await readers.all<{ bytes: number }>(
    `SELECT total(length(bins) + length(arm) + ${ROW_BYTES}) AS bytes FROM bin_chunk WHERE endpoint_id = ?
     AND level = ${LEVELS.hour} AND chunk_ms >= ? AND chunk_ms < ?`,
    [endpointId, chunkMs, newest + WINDOW_SIZE_MS.day],
  );
  return Math.round(((sum?.bytes ?? 0) + (bins?.bytes ?? 0)) / days.length);
}
