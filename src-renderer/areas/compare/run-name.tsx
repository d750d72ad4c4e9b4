import type { ComparedRun } from '../../../src-main/contract/compare.ts';
import { cssColor, seriesColor } from '../../charts/theme.ts';
import { Swatch } from '../../ui/Badge.tsx';

/** A run by its colour and name; `at` is its place. */
export function RunName({ run, at }: { run: ComparedRun; at: number }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Swatch color={cssColor(seriesColor(at))} />
      <span className="truncate" title={run.name}>
        {run.name}
      </span>
      {at === 0 ? <span className="text-xs text-ink-3">baseline</span> : null}
    </span>
  );
}
