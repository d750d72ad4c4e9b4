import type { RunRow } from '../../../src-main/contract/experiments.ts';
import { useData } from '../../lib/query.ts';

/** A table of more rows than this is no longer read; the newest are kept. */
const MOST_RUNS = 5_000;
const PAGE = 1_000;

/** All runs of an experiment, newest first, fetched page by page. */
export const useRuns = (experimentId: string) =>
  useData(['experiments', 'runs', experimentId], async (rpc, signal) => {
    const rows: RunRow[] = [];
    let cursor: string | null = null;
    do {
      const page: { rows: RunRow[]; nextCursor: string | null } = await rpc.experiments.runs(
        { experimentId, limit: PAGE, ...(cursor ? { cursor } : {}) },
        { signal },
      );
      rows.push(...page.rows);
      cursor = page.nextCursor;
    } while (cursor && rows.length < MOST_RUNS);
    return rows;
  });
