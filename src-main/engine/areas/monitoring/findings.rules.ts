/** What is wrong with a feature's values, in words: the gravest of its findings, beside what the reference had. */
import type { FeatureQuality } from '../../../contract/monitoring.ts';
import { wilson } from './performance.rules.ts';

/** Fewer rows than this say nothing. */
export const QUALITY_MIN_N = 30;

type Finding = NonNullable<FeatureQuality['finding']>;
export type Shares = Omit<FeatureQuality, 'finding'>;

/** Shares above these are critical. */
const CRITICAL = { missing: 0.2, outOfRange: 0.2, unseen: 0.1, notFinite: 0.05, wrongType: 0.01 } as const;
/** By how much a share must exceed the reference's, beside being surely above it. */
const NOTICED = { missing: 0.02, outOfRange: 0.02 } as const;
const RARE = 0.001;

/** Null when nothing is wrong or there are too few rows. */
export function findingOf(shares: Shares): Finding | null {
  if (shares.n < QUALITY_MIN_N) return null;
  const findings = [
    typeFinding(shares),
    missingFinding(shares),
    notFiniteFinding(shares),
    unseenFinding(shares),
    rangeFinding(shares),
    constantFinding(shares),
  ].filter((finding) => finding !== null);
  return findings.find(({ level }) => level === 'critical') ?? findings[0] ?? null;
}

function typeFinding({ wrongType, kind }: Shares): Finding | null {
  if (wrongType === 0) return null;
  const should = kind === 'categorical' ? 'a category' : 'a number';
  return {
    level: wrongType >= CRITICAL.wrongType ? 'critical' : 'warning',
    text: `${percent(wrongType)} of its values have the wrong type: each should be ${should}.`,
  };
}

function missingFinding({ missing, referenceMissing, n }: Shares): Finding | null {
  if (missing >= 1 - RARE && referenceMissing < 0.5)
    return { level: 'critical', text: 'It is missing in all rows.' };
  if (!surelyAbove(missing, n, referenceMissing, NOTICED.missing)) return null;
  return {
    level: missing - referenceMissing >= CRITICAL.missing ? 'critical' : 'warning',
    text: `It is missing in ${percent(missing)} of the rows; in the reference, in ${percent(referenceMissing)}.`,
  };
}

/** Where the reference has missing values `missing` holds these too: then only what it has more of them is wrong. */
function notFiniteFinding({ notFinite, missing, referenceMissing, n }: Shares): Finding | null {
  const usual = referenceMissing > 0;
  const excess = usual ? Math.min(notFinite, missing - referenceMissing) : notFinite;
  if (excess < RARE) return null;
  const least = Math.min(NOTICED.missing, Math.max(RARE, referenceMissing / 10));
  if (usual && !surelyAbove(missing, n, referenceMissing, least)) return null;
  return {
    level: excess >= CRITICAL.notFinite ? 'critical' : 'warning',
    text: usual
      ? `${percent(notFinite)} of its values are infinite or not a number; in the reference at most ${percent(referenceMissing)} are.`
      : `${percent(notFinite)} of its values are infinite or not a number.`,
  };
}

function unseenFinding({ unseen, n }: Shares): Finding | null {
  if (!surelyAbove(unseen, n, RARE, 0)) return null;
  return {
    level: unseen >= CRITICAL.unseen ? 'critical' : 'warning',
    text: `${percent(unseen)} of its values are categories that the reference does not have.`,
  };
}

function rangeFinding({ outOfRange, referenceOutOfRange, n }: Shares): Finding | null {
  if (!surelyAbove(outOfRange, n, referenceOutOfRange, NOTICED.outOfRange)) return null;
  return {
    level: outOfRange - referenceOutOfRange >= CRITICAL.outOfRange ? 'critical' : 'warning',
    text: `${percent(outOfRange)} of its values lie outside the range of the reference.`,
  };
}

const constantFinding = ({ constant }: Shares): Finding | null =>
  constant ? { level: 'warning', text: 'All rows have the same value; the reference has several.' } : null;

/** The share exceeds the other by `least`, and the lower end of its 95 % interval lies above it. */
function surelyAbove(share: number, n: number, other: number, least: number): boolean {
  const interval = wilson(Math.round(share * n), n);
  return interval !== null && share - other >= least && interval.low > other;
}

/** Never rounded to nothing. */
function percent(share: number): string {
  if (share > 0 && share < 0.001) return 'under 0.1 %';
  return `${Number((100 * share).toPrecision(3))} %`;
}
