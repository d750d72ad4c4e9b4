/** Exact reports in words, and a report while it is asked for. Pure. */
import {
  type ColumnReport,
  type DriftReport,
  ExactMethod,
  type ReportRequest,
  type ReportSide,
  scoredOf,
} from '../../../src-main/contract/drift-reports.ts';
import { formatFixed, formatNumber, formatPercent, plural } from '../../lib/format.ts';

/** A test gives a p value, below whose limit a column drifted; a distance drifted at or above its limit. */
export const METHODS: Readonly<Record<ExactMethod, { title: string; kind: 'p' | 'distance'; help: string }>> =
  {
    'evidently.ks@0.7': { title: 'KS test', kind: 'p', help: 'Kolmogorov–Smirnov, numeric' },
    'evidently.chisquare@0.7': { title: 'Chi-square test', kind: 'p', help: 'categorical' },
    'evidently.z@0.7': { title: 'Z test', kind: 'p', help: 'two categories' },
    'evidently.wasserstein@0.7': {
      title: 'Wasserstein distance',
      kind: 'distance',
      help: 'numeric, in standard deviations of the reference',
    },
    'evidently.jensenshannon@0.7': { title: 'Jensen–Shannon distance', kind: 'distance', help: 'any' },
    'evidently.psi@0.7': { title: 'PSI', kind: 'distance', help: 'any' },
    'evidently.kl_div@0.7': { title: 'KL divergence', kind: 'distance', help: 'any' },
  };
export const METHOD_OPTIONS = [
  { value: '' as const, label: 'By type and size' },
  ...ExactMethod.options.map((value) => ({ value, label: METHODS[value].title })),
];

/** "p 0.012", "0.412". */
export function scoreText({ method, score }: Pick<ColumnReport, 'method' | 'score'>): string {
  if (method === null || score === null) return formatNumber(null);
  if (METHODS[method].kind === 'p') return score < 0.001 ? 'p < 0.001' : `p ${formatFixed(score, 3)}`;
  return formatFixed(score, 3);
}

export const thresholdText = ({ method, threshold }: Pick<ColumnReport, 'method' | 'threshold'>): string =>
  method === null || threshold === null
    ? formatNumber(null)
    : `${METHODS[method].kind === 'p' ? 'below' : 'from'} ${formatNumber(threshold)}`;

/** The dataset's verdict with its rule, both by the columns that have a score. */
export function verdictText({
  columns,
  drifted,
  driftShare,
  datasetDrifted,
}: Pick<DriftReport, 'drifted' | 'driftShare' | 'datasetDrifted'> & {
  columns: readonly Pick<ColumnReport, 'score'>[];
}): {
  title: string;
  rule: string;
} {
  const { scored, unscored } = scoredOf(columns);
  const without =
    unscored === 0
      ? ''
      : ` ${plural(unscored, 'column')} of ${columns.length} ${unscored === 1 ? 'has' : 'have'} no score and ${unscored === 1 ? 'does' : 'do'} not count.`;
  return {
    title: `${datasetDrifted ? 'The dataset drifted' : 'The dataset did not drift'}: ${drifted} of ${plural(scored, 'column')} with a score did.`,
    rule: `It counts as drifted once ${formatPercent(driftShare, 0)} of the columns with a score did.${without}`,
  };
}

/** Drifted first, then by how far apart the sides are; columns without a score last. */
export function worstColumns(columns: readonly ColumnReport[]): ColumnReport[] {
  const key = ({ drifted, effect, score }: ColumnReport) =>
    score === null ? -1 : (drifted ? 1e6 : 0) + (effect ?? 0);
  return [...columns].sort((a, b) => key(b) - key(a) || a.column.localeCompare(b.column));
}

export type ReportDraft = {
  against: 'serving' | 'files';
  referenceId: string;
  /** Dates as an input writes them, the last day included; UTC. */
  from: string;
  to: string;
  arm: string;
  referenceUpload: string | null;
  currentUpload: string | null;
  method: ExactMethod | '';
  threshold: string;
  /** Per cent of columns. */
  driftShare: string;
};

const DAY_MS = 86_400_000;
export const dateField = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const dayOf = (text: string): number =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;

export type CheckedReport = {
  request: ReportRequest | null;
  problems: Partial<Record<keyof ReportDraft, string>>;
};

export function checkReport(draft: ReportDraft, endpoint: string): CheckedReport {
  const problems: CheckedReport['problems'] = {};
  const sides = draft.against === 'serving' ? servingSides(draft, problems) : fileSides(draft, problems);
  const share = Number(draft.driftShare.trim().replace(',', '.').replace(/%$/, '')) / 100;
  if (draft.driftShare.trim() === '' || !(share >= 0 && share <= 1))
    problems.driftShare = 'Between 0 and 100 %.';
  const threshold = draft.threshold.trim() === '' ? null : Number(draft.threshold.replace(',', '.'));
  if (threshold !== null && !(threshold > 0)) problems.threshold = 'Enter a number above 0.';
  if (Object.keys(problems).length > 0 || !sides) return { request: null, problems };
  return {
    request: {
      endpoint: draft.against === 'serving' ? endpoint : null,
      ...sides,
      driftShare: share,
      ...(draft.method === '' ? {} : { method: draft.method }),
      ...(threshold === null ? {} : { threshold }),
    },
    problems,
  };
}

type Sides = { reference: ReportSide; current: ReportSide };

function servingSides(draft: ReportDraft, problems: CheckedReport['problems']): Sides | null {
  if (draft.referenceId === '') problems.referenceId = 'Choose a reference.';
  const fromMs = dayOf(draft.from);
  const toMs = dayOf(draft.to) + DAY_MS;
  if (Number.isNaN(fromMs)) problems.from = 'Enter a day.';
  if (Number.isNaN(toMs)) problems.to = 'Enter a day.';
  else if (toMs <= fromMs) problems.to = 'Must not lie before the first day.';
  if (Object.keys(problems).length > 0) return null;
  return {
    reference: { kind: 'reference', id: draft.referenceId },
    current: { kind: 'window', fromMs, toMs, ...(draft.arm === '' ? {} : { arm: draft.arm }) },
  };
}

function fileSides(draft: ReportDraft, problems: CheckedReport['problems']): Sides | null {
  const { referenceUpload, currentUpload } = draft;
  if (referenceUpload === null) problems.referenceUpload = 'Choose the file that is compared with.';
  if (currentUpload === null) problems.currentUpload = 'Choose the file that is looked at.';
  if (referenceUpload === null || currentUpload === null) return null;
  return {
    reference: { kind: 'upload', uploadId: referenceUpload },
    current: { kind: 'upload', uploadId: currentUpload },
  };
}
