/** A rule while it is written: texts of fields, checked into a rule. Pure. */
import {
  type AlertCondition,
  type AlertRule,
  AlertRuleInput,
  type Severity,
} from '../../../src-main/contract/alerts.ts';
import type {
  EstimatedMetric,
  FrozenMethod,
  PerformanceMetric,
  QualityMeasure,
  SeriesRef,
  WindowSize,
} from '../../../src-main/contract/monitoring-series.ts';
import { seriesTitle, unitOf } from '../../lib/series-words.ts';

export type RuleDraft = {
  endpoint: string;
  /** Empty: named by what it says. */
  name: string;
  severity: Severity;
  enabled: boolean;
  of: SeriesRef['of'];
  feature: string;
  method: FrozenMethod;
  measure: QualityMeasure;
  metric: PerformanceMetric;
  business: string;
  per: WindowSize;
  arm: string;
  slice: string;
  kind: AlertCondition['kind'];
  /** Of a threshold; shares are written in per cent. */
  beyond: 'above' | 'below';
  value: string;
  exit: string;
  from: 'reference' | 'previous' | 'week-before';
  moved: 'up' | 'down' | 'either';
  by: string;
  relative: boolean;
  objective: string;
  rate: string;
  longWindows: string;
  shortWindows: string;
  minEvents: string;
  minN: string;
  forWindows: string;
  keepWindows: string;
};

export const emptyDraft = (endpoint: string, more: Partial<RuleDraft> = {}): RuleDraft => ({
  endpoint,
  name: '',
  severity: 'warning',
  enabled: true,
  of: 'drift',
  feature: '*',
  method: 'lathe.psi.frozen@1',
  measure: 'missing',
  metric: 'accuracy',
  business: '',
  per: 'day',
  arm: '',
  slice: '',
  kind: 'threshold',
  beyond: 'above',
  value: '0.25',
  exit: '',
  from: 'reference',
  moved: 'either',
  by: '',
  relative: false,
  objective: '99',
  rate: '2',
  longWindows: '24',
  shortWindows: '2',
  minEvents: '100',
  minN: '0',
  forWindows: '1',
  keepWindows: '1',
  ...more,
});

/** What a field is set to when another series is chosen, so that the rule makes sense at once. */
export function sensible(of: SeriesRef['of']): Partial<RuleDraft> {
  const threshold = { kind: 'threshold' } as const;
  switch (of) {
    case 'drift':
      return { ...threshold, feature: '*', beyond: 'above', value: '0.25' };
    case 'drifted-share':
      return { ...threshold, beyond: 'above', value: '50' };
    case 'quality':
      return { ...threshold, feature: '*', beyond: 'above', value: '5' };
    case 'performance':
    case 'estimated':
      return {
        kind: 'change',
        metric: 'accuracy',
        from: 'reference',
        moved: 'down',
        by: '5',
        relative: false,
      };
    case 'volume':
      return { kind: 'change', from: 'week-before', moved: 'down', by: '50', relative: true };
    case 'mean':
      return { kind: 'change', feature: '', from: 'reference', moved: 'either', by: '20', relative: true };
    case 'business':
      return { kind: 'change', from: 'week-before', moved: 'down', by: '20', relative: true };
  }
}

/** Every input by name or all of them: where `*` may stand. */
export const mayNameAll = (of: SeriesRef['of']): boolean => of === 'drift' || of === 'quality';
/** A burn rate is of shares of bad rows: of quality, of drift over inputs, and of accuracy. */
export const mayBurn = (draft: Pick<RuleDraft, 'of' | 'metric'>): boolean =>
  draft.of === 'quality' || (draft.of === 'performance' && draft.metric === 'accuracy');
export const maySlice = (of: SeriesRef['of']): boolean => of === 'performance' || of === 'volume';

export function seriesOf(draft: RuleDraft): SeriesRef {
  const { of, feature } = draft;
  switch (of) {
    case 'drift':
      return { of, feature, method: draft.method };
    case 'quality':
      return { of, feature, measure: draft.measure };
    case 'mean':
      return { of, feature };
    case 'performance':
      return { of, metric: draft.metric };
    case 'estimated':
      return { of, metric: draft.metric as EstimatedMetric };
    case 'business':
      return { of, metric: draft.business };
    default:
      return { of };
  }
}

export type Checked = { rule: AlertRuleInput | null; problems: Partial<Record<keyof RuleDraft, string>> };

/** The rule that is meant, or what is wrong with which field. */
export function checkDraft(draft: RuleDraft): Checked {
  const problems: Checked['problems'] = {};
  const read = (field: keyof RuleDraft, options: { scale?: number; min?: number; whole?: boolean } = {}) => {
    const text = String(draft[field]).trim().replace(',', '.').replace(/%$/, '');
    const value = text === '' ? Number.NaN : Number(text);
    const { scale = 1, min, whole } = options;
    if (!Number.isFinite(value)) problems[field] = 'Enter a number.';
    else if (whole && !Number.isInteger(value)) problems[field] = 'Enter a whole number.';
    else if (min !== undefined && value < min) problems[field] = `Enter ${min} or more.`;
    return value / scale;
  };
  const series = seriesOf(draft);
  if ('feature' in series && series.feature === '') problems.feature = 'Choose a feature.';
  if (series.of === 'business' && series.metric === '') problems.business = 'Choose a metric.';
  const condition = conditionOf(draft, read, problems);
  const counts = {
    minN: read('minN', { min: 0, whole: true }),
    forWindows: read('forWindows', { min: 1, whole: true }),
    keepWindows: read('keepWindows', { min: 1, whole: true }),
  };
  if (Object.keys(problems).length > 0) return { rule: null, problems };
  const parsed = AlertRuleInput.safeParse({
    endpoint: draft.endpoint,
    name: draft.name.trim() || suggestedName(draft),
    enabled: draft.enabled,
    severity: draft.severity,
    series,
    per: draft.per,
    arm: draft.arm || null,
    slice: maySlice(draft.of) ? draft.slice || null : null,
    condition,
    ...counts,
  });
  if (parsed.success) return { rule: parsed.data, problems };
  const [issue] = parsed.error.issues;
  const field = issue?.path.at(-1);
  const known = typeof field === 'string' && field in draft ? (field as keyof RuleDraft) : 'name';
  return { rule: null, problems: { [known]: issue?.message ?? 'This is not a rule.' } };
}

type Read = (field: keyof RuleDraft, options?: { scale?: number; min?: number; whole?: boolean }) => number;

function conditionOf(draft: RuleDraft, read: Read, problems: Checked['problems']): AlertCondition {
  const scale = unitOf(seriesOf(draft)) === 'share' ? 100 : 1;
  if (draft.kind === 'threshold') {
    const value = read('value', { scale });
    const exit = draft.exit.trim() === '' ? null : read('exit', { scale });
    if (exit !== null && (draft.beyond === 'above' ? exit > value : exit < value))
      problems.exit = `Must lie on the good side of the limit: ${draft.beyond === 'above' ? 'below' : 'above'} it.`;
    return { kind: 'threshold', direction: draft.beyond, value, exit };
  }
  if (draft.kind === 'change') {
    const by = read('by', { scale: draft.relative ? 100 : scale });
    if (by <= 0) problems.by = 'Enter a number above 0.';
    return { kind: 'change', from: draft.from, direction: draft.moved, by, relative: draft.relative };
  }
  const objective = read('objective', { scale: 100 });
  if (objective < 0.5 || objective > 0.99999) problems.objective = 'Between 50 and 99.999 %.';
  const long = read('longWindows', { min: 2, whole: true });
  const short = read('shortWindows', { min: 1, whole: true });
  if (short >= long) problems.shortWindows = 'Must be fewer than the long span has.';
  const rate = read('rate');
  if (rate <= 0) problems.rate = 'Enter a number above 0.';
  return {
    kind: 'burn-rate',
    objective,
    rate,
    longWindows: long,
    shortWindows: short,
    minEvents: read('minEvents', { min: 1, whole: true }),
  };
}

/** "PSI of any input above 0.25", "Accuracy down by 5 points". */
export function suggestedName(draft: RuleDraft): string {
  const title = seriesTitle(seriesOf(draft));
  const share = unitOf(seriesOf(draft)) === 'share';
  if (draft.kind === 'threshold') return `${title} ${draft.beyond} ${draft.value}${share ? ' %' : ''}`;
  if (draft.kind === 'burn-rate') return `${title} uses its allowance ${draft.rate}× too fast`;
  const word = draft.moved === 'either' ? 'moved' : draft.moved;
  return `${title} ${word} by ${draft.by}${draft.relative ? ' %' : share ? ' points' : ''}`;
}

/** The fields of a rule that is there. */
export function draftOf(rule: AlertRule): RuleDraft {
  const { series, condition } = rule;
  const share = unitOf(series) === 'share';
  const text = (value: number, percent: boolean) => String(percent ? round(value * 100) : round(value));
  return emptyDraft(rule.endpoint, {
    name: rule.name,
    severity: rule.severity,
    enabled: rule.enabled,
    of: series.of,
    ...('feature' in series ? { feature: series.feature } : {}),
    ...('method' in series ? { method: series.method } : {}),
    ...('measure' in series ? { measure: series.measure } : {}),
    ...(series.of === 'performance' || series.of === 'estimated' ? { metric: series.metric } : {}),
    ...(series.of === 'business' ? { business: series.metric } : {}),
    per: rule.per,
    arm: rule.arm ?? '',
    slice: rule.slice ?? '',
    kind: condition.kind,
    ...(condition.kind === 'threshold'
      ? {
          beyond: condition.direction,
          value: text(condition.value, share),
          exit: condition.exit === null ? '' : text(condition.exit, share),
        }
      : {}),
    ...(condition.kind === 'change'
      ? {
          from: condition.from,
          moved: condition.direction,
          by: text(condition.by, condition.relative || share),
          relative: condition.relative,
        }
      : {}),
    ...(condition.kind === 'burn-rate'
      ? {
          objective: text(condition.objective, true),
          rate: String(condition.rate),
          longWindows: String(condition.longWindows),
          shortWindows: String(condition.shortWindows),
          minEvents: String(condition.minEvents),
        }
      : {}),
    minN: String(rule.minN),
    forWindows: String(rule.forWindows),
    keepWindows: String(rule.keepWindows),
  });
}

/** Without the noise of binary fractions: 0.07 × 100 is 7. */
const round = (value: number): number => Number(value.toPrecision(12));
