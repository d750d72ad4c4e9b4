/** Business metrics out of a CSV file, which may be of any size: read, checked and committed piece by piece. */
import { createReadStream } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import type { BusinessPoint, Pushed } from '../../../contract/business-metrics.ts';
import { LatheError } from '../../../contract/errors.ts';
import { checkHeader, pointOfRow } from './business-metrics.rules.ts';

export type Imported = Pushed & {
  rows: number;
  refused: number;
  problems: { row: number; reason: string }[];
};

type Ports = {
  file: string;
  /** As people know it. */
  fileName: string;
  size: number;
  /** Of all rows; undefined where a column says it. */
  metric: string | undefined;
  nowMs: number;
  /** Commits them. */
  take(points: readonly BusinessPoint[]): Promise<Pushed>;
  progress(share: number): void;
};

const BATCH = 1_000;
/** Rows that went wrong and are told. */
const SHOWN = 20;
/** Read at once: what is parsed in about a millisecond. */
const CHUNK_BYTES = 16 * 1024;
/** No row of ours is longer; a file without line ends is no CSV. */
const MOST_ROW_BYTES = 64 * 1024;

/** Rows that cannot be taken are counted and told; the others count. Throws LATHE_BUSINESS_METRICS_COLUMNS or _FILE. */
export async function importCsv(ports: Ports): Promise<Imported> {
  const { file, fileName, metric } = ports;
  const done: Imported = { rows: 0, added: 0, replaced: 0, unchanged: 0, refused: 0, problems: [] };
  let batch: BusinessPoint[] = [];
  const flush = async () => {
    const took = await ports.take(batch);
    batch = [];
    for (const each of ['added', 'replaced', 'unchanged'] as const) done[each] += took[each];
    ports.progress(Math.min(1, source.bytesRead / Math.max(1, ports.size)));
  };
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const parser = parse({
    ...{ bom: true, relax_column_count: true, skip_empty_lines: true, trim: true },
    ...{ record_delimiter: ['\r\n', '\n', '\r'], max_record_size: MOST_ROW_BYTES },
  });
  source.on('error', (error) => parser.destroy(error));
  let header: string[] | null = null;
  try {
    for await (const cells of source.pipe(parser) as AsyncIterable<string[]>) {
      if (header === null) {
        header = cells;
        checkHeader(fileName, header, metric);
        continue;
      }
      done.rows += 1;
      try {
        batch.push(pointOfRow(header, cells, metric, ports.nowMs));
      } catch (thrown) {
        done.refused += 1;
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        if (done.problems.length < SHOWN) done.problems.push({ row: done.rows, reason });
      }
      if (batch.length >= BATCH) await flush();
    }
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    throw new LatheError('LATHE_BUSINESS_METRICS_FILE', { file: fileName, reason: plain(thrown.message) });
  } finally {
    source.destroy();
  }
  if (header === null) checkHeader(fileName, [], metric);
  if (batch.length > 0) await flush();
  return done;
}

/** Without the parser's own name for the trouble, and without the end of a sentence that goes on. */
const plain = (message: string): string => message.replace(/^.*?: /, '').replace(/\.$/, '');
