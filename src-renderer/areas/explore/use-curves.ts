/** Curves from the engine: what is asked for, what is here, what went wrong. */
import { useRef } from 'react';
import type { Lines, LinesX } from '../../../src-main/contract/explore.ts';
import { type Line, linesOf } from '../../../src-main/contract/explore-lines.ts';
import type { Range } from '../../charts/curve.ts';
import { reportOf } from '../../lib/errors.ts';
import { useDataList } from '../../lib/query.ts';
import { inAnswers, type LinesOfKey, paddedZoom } from './curves-of.ts';

export type CurveSource = { key: string; runIds: readonly string[] };

export type CurveWish = {
  sources: readonly CurveSource[];
  x: LinesX;
  zoom: Range | null;
  /** Pixels across; no more points than that are asked for. */
  width: number;
  /** False for a panel out of sight. */
  enabled: boolean;
};

export function useCurves({ sources, x, zoom, width, enabled }: CurveWish) {
  const asked = sources.flatMap(({ key, runIds }) =>
    inAnswers(runIds, width).map((part) => ({ key, ...part })),
  );
  const [from, to] = zoom ? paddedZoom(zoom) : [null, null];
  const results = useDataList<Lines>(
    asked.map(({ key, runIds, buckets }) => {
      const wanted = { runIds: [...runIds], key, x, from, to, buckets };
      return {
        key: ['experiments', 'lines', wanted],
        load: (rpc, signal) => rpc.explore.lines(wanted, { signal }),
      };
    }),
    { enabled: enabled && width > 0 },
  );
  const kept = useRef<{ answers: (Lines | undefined)[]; lines: LinesOfKey[] | null }>({
    answers: [undefined],
    lines: null,
  });
  const answers = results.map(({ data }) => data);
  const same =
    answers.length === kept.current.answers.length &&
    answers.every((answer, at) => answer === kept.current.answers[at]);
  if (!same) {
    // Of very many runs, those that are here are shown while the others come.
    const there = answers.flatMap((answer, at) =>
      answer ? [{ key: asked[at]?.key ?? '', lines: decoded(answer) }] : [],
    );
    kept.current = { answers, lines: there.length > 0 || answers.length === 0 ? there : null };
  }
  const { lines } = kept.current;
  const failed = results.find(({ error }) => error !== null);
  return {
    lines,
    /** A narrower or wider range is on its way; what is shown is of the range before. */
    stale: results.some(({ isPlaceholderData }) => isPlaceholderData),
    problem: failed?.error ? reportOf(failed.error) : null,
    retry: () => void failed?.refetch(),
  };
}

/** The view of an answer is made once, however many charts show it. */
const views = new WeakMap<Lines, Line[]>();

function decoded(answer: Lines): Line[] {
  const known = views.get(answer);
  if (known) return known;
  const made = linesOf(answer.series, Uint8Array.fromBase64(answer.data));
  views.set(answer, made);
  return made;
}
