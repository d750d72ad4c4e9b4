/** What a rule must be beyond its shape. Pure. */
import type { AlertRuleInput } from '../../../contract/alerts.ts';
import { LatheError } from '../../../contract/errors.ts';
import { SPANS } from '../../../contract/monitoring-series.ts';
import { unitOf } from './words.rules.ts';

/** Throws LATHE_ALERTS_RULE with what is wrong. */
export function checkRule({ condition, series, per, arm, slice, minN }: AlertRuleInput): void {
  const refuse = (reason: string) => {
    throw new LatheError('LATHE_ALERTS_RULE', { reason });
  };
  if (condition.kind === 'threshold' && condition.exit !== null) {
    const { direction, value, exit } = condition;
    if (direction === 'above' ? exit > value : exit < value)
      refuse(`it would end at ${exit}, on the wrong side of ${value}`);
  }
  if (condition.kind === 'burn-rate') {
    if (unitOf(series) !== 'share')
      refuse('a burn rate needs a share of rows, such as accuracy or missing values');
    if (condition.shortWindows >= condition.longWindows)
      refuse('the short span of a burn rate must be shorter than the long one');
    // Shares are taken over trailing spans: two spans within one point are one and the same condition.
    const pointsIn = (windows: number) => Math.ceil(windows / SPANS[per]);
    if (pointsIn(condition.shortWindows) === pointsIn(condition.longWindows))
      refuse(
        `a point of this series stands for ${SPANS[per]} ${per}s, so that both spans of the burn rate would be the same ones; make the long one longer`,
      );
  }
  if (
    condition.kind === 'change' &&
    condition.from === 'reference' &&
    (series.of === 'volume' || series.of === 'business')
  )
    refuse('this series has no reference; compare it with the time before or the week before');
  // Quality is counted by the hour, and so are the rows of a slice.
  if (per === 'minute' && (series.of === 'performance' || series.of === 'estimated' || slice !== null))
    refuse('quality and the rows of a slice are counted by the hour; choose hours or days');
  if (
    per === 'minute' &&
    condition.kind === 'change' &&
    condition.from === 'week-before' &&
    series.of !== 'business'
  )
    refuse('minutes are kept for two days, so that there is no week before; compare with the time before');
  if (slice !== null && series.of !== 'volume' && series.of !== 'performance')
    refuse('a slice goes with the number of rows and with performance only');
  if (minN > 0 && series.of === 'volume') refuse('the number of rows is judged however few there are');
  if (arm !== null && series.of === 'business')
    refuse('a business metric is of the whole endpoint, not of an arm');
}

/** What decides which alerts there are: when it changes, what went on belongs to another rule. */
export const essenceOf = ({
  series,
  per,
  arm,
  slice,
  condition,
  minN,
  forWindows,
  keepWindows,
}: AlertRuleInput): string =>
  JSON.stringify([series, per, arm, slice, condition, minN, forWindows, keepWindows]);
