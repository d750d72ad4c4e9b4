import type { CanaryPlan } from '../../../../src-main/contract/serving-route.ts';
import { formatDuration } from '../../../lib/format.ts';
import { cx } from '../../../ui/cx.ts';
import { planText, sharePercent } from './route-words.ts';

const HEIGHT = 96;

/** The ramp as stairs: each step as high as the candidate's share. `at` is the step it is on. */
export function Stairs({ plan, at = null }: { plan: CanaryPlan; at?: number | null }) {
  const { steps, holdSeconds, atEnd } = plan;
  const shown = atEnd === 'promote' && steps.at(-1) !== 10_000 ? [...steps, 10_000] : steps;
  return (
    <div
      role="img"
      aria-label={`${planText(plan)} Shares: ${shown.map(sharePercent).join(', ')}.${at === null ? '' : ` Now at step ${at + 1}.`}`}
      className="num flex items-end gap-px overflow-x-auto text-2xs"
    >
      {shown.map((share, step) => {
        const end = step >= steps.length;
        const state = at === null ? 'planned' : step < at ? 'done' : step === at ? 'now' : 'planned';
        return (
          <div key={share} className="flex min-w-12 flex-1 flex-col items-center gap-1">
            <span className={state === 'now' ? 'font-semibold text-ink' : 'text-ink-2'}>
              {sharePercent(share)}
            </span>
            <div className="flex w-full items-end" style={{ height: HEIGHT }}>
              <div
                className={cx(
                  'w-full rounded-t-xs border-t-2',
                  state === 'now'
                    ? 'border-accent bg-accent/55'
                    : state === 'done'
                      ? 'border-accent bg-accent/25'
                      : 'border-line-strong bg-inset',
                )}
                style={{ height: Math.max(3, (share / 10_000) * HEIGHT) }}
              />
            </div>
            <span className="whitespace-nowrap text-ink-3">
              {end ? 'promoted' : formatDuration(holdSeconds * 1000)}
            </span>
          </div>
        );
      })}
    </div>
  );
}
