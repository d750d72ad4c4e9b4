/** Writes all runs found, with the columns shown, into a CSV file; page by page, so that it can be stopped. */
import { useRef, useState } from 'react';
import type { RunCells } from '../../../src-main/contract/runs-table.ts';
import { saveText, toCsv } from '../../lib/csv.ts';
import { reportOf } from '../../lib/errors.ts';
import { formatPercent } from '../../lib/format.ts';
import { rpc } from '../../lib/rpc.ts';
import { toast } from '../../lib/store.ts';
import { type ColumnId, columnOf, columnTitle } from './runs-model.ts';

const PAGE = 500;

export function useCsvExport(name: string) {
  const [progress, setProgress] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);

  async function start(ids: readonly string[], columnIds: readonly ColumnId[]): Promise<void> {
    const columns = columnIds.map(columnOf).filter((column) => column !== null);
    const aborter = new AbortController();
    stop.current = aborter;
    const rows: RunCells[] = [];
    try {
      for (let at = 0; at < ids.length; at += PAGE) {
        setProgress(formatPercent(at / ids.length, 0));
        const page = { runIds: ids.slice(at, at + PAGE), columns };
        rows.push(...(await rpc.experiments.cells(page, { signal: aborter.signal })));
      }
      const header = ['id', 'name', 'status', 'started', 'ended', ...columns.map(columnTitle)];
      saveText(`${name || 'runs'}.csv`, toCsv(header, rows.map(rowOf)));
      toast.ok(`Exported ${rows.length} runs as CSV`);
    } catch (thrown) {
      if (!aborter.signal.aborted) toast.error(reportOf(thrown));
    } finally {
      setProgress(null);
    }
  }
  return { progress, start, cancel: () => stop.current?.abort() };
}

const rowOf = (run: RunCells): (string | number | null)[] => [
  run.id,
  run.name,
  run.status,
  new Date(run.startedMs).toISOString(),
  run.endedMs === null ? null : new Date(run.endedMs).toISOString(),
  ...run.values,
];
