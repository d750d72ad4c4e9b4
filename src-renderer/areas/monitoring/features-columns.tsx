import {
  type FrozenMethod,
  type QualityMeasure,
  THRESHOLDS,
} from '../../../src-main/contract/monitoring-series.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { formatCount, formatFixed, formatPercent, NONE } from '../../lib/format.ts';
import type { MonitoringScope } from '../../lib/monitoring-scope.ts';
import { QUALITY } from '../../lib/series-words.ts';
import type { Column } from '../../ui/Table.tsx';
import { Explain } from '../explain/index.tsx';
import { type FeatureRow, severityOf } from './features-rules.ts';
import { LevelBadge } from './level-badge.tsx';
import { featureTitle, LEAST_P, lowerIsGraver, scoreText } from './psi.ts';
import { ScoreBins } from './score-bins.tsx';

type Words = {
  scope: Pick<MonitoringScope, 'endpoint' | 'per' | 'arm' | 'reference'>;
  method: FrozenMethod;
  /** How the score and the metric of quality are called. */
  score: string;
  metric: string;
  span: string;
  /** Leaves out what is least needed. */
  narrow: boolean;
};

/** Shares that are nothing are quiet; what is above the reference stands out. */
function Share({ measure, value, reference, n, feature }: ShareProps) {
  if (value === undefined) return <span className="text-ink-3">{NONE}</span>;
  const more = value > reference + 0.02;
  return (
    <Explain
      method={`quality.${measure}`}
      value={value}
      n={n ?? null}
      inForce={`The reference has ${formatPercent(reference)}.`}
      of={`${QUALITY[measure]} of ${feature}: ${formatPercent(value)}`}
    >
      <span className={more ? 'font-medium text-warn' : value === 0 ? 'text-ink-3' : undefined}>
        {formatPercent(value)}
      </span>
    </Explain>
  );
}

type ShareProps = {
  measure: QualityMeasure;
  value: number | undefined;
  reference: number;
  n: number | undefined;
  feature: string;
};

const outsideOf = (kind: FeatureRow['drift']['kind'], quality: FeatureRow['quality']): number | null =>
  quality ? (kind === 'categorical' ? quality.unseen : quality.outOfRange) : null;

/** Windows that a trend shows. */
const SHOWN = 60;

/** A p value keeps its own direction, and the column says which end of it is the bad one. */
const trendWords = (method: FrozenMethod): { header: string; hint: string } =>
  lowerIsGraver(method)
    ? {
        header: 'Low p is drift',
        hint: `p of the newest ${SHOWN} windows by powers of ten, 1 at the top. Below the dashed line, ${THRESHOLDS[method].warnAt}, it counts as drift.`,
      }
    : {
        header: 'Over time',
        hint: `The newest ${SHOWN} windows. Above the dashed line, ${THRESHOLDS[method].warnAt}, it counts as drift.`,
      };

export const featureColumns = ({
  scope,
  method,
  score,
  metric,
  span,
  narrow,
}: Words): Column<FeatureRow>[] => [
  {
    id: 'feature',
    header: 'Feature',
    cell: ({ drift }) => featureTitle(drift),
    sort: ({ drift }) => featureTitle(drift),
  },
  {
    id: 'score',
    header: score,
    align: 'right',
    hint: `Over the newest whole ${span}, against the reference. Sorted by level, then by score.`,
    sort: ({ drift }) => severityOf(drift),
    cell: ({ drift, drift: { latest } }) =>
      latest ? (
        <Explain
          {...latest}
          more={
            drift.latestWindowMs === null ? null : (
              <ScoreBins
                scope={scope}
                feature={drift.feature}
                method={latest.method}
                windowMs={drift.latestWindowMs}
              />
            )
          }
          of={`${score} of ${featureTitle(drift)}: ${scoreText(latest.value, latest.method)}`}
        >
          {scoreText(latest.value, latest.method)}
        </Explain>
      ) : (
        NONE
      ),
  },
  {
    id: 'level',
    header: 'Level',
    cell: ({ drift: { latest } }) =>
      latest ? <LevelBadge score={latest} /> : <span className="text-ink-3">no whole window</span>,
  },
  {
    id: 'trend',
    ...trendWords(method),
    cell: ({ drift }) => (
      <Sparkline
        label={`${score} of ${featureTitle(drift)}`}
        values={drift.trend.slice(-SHOWN).map(({ value }) => value)}
        behind={drift.trend.slice(-SHOWN).map(({ n, level }) => ({ n, weak: level === 'too-few' }))}
        limit={THRESHOLDS[method].warnAt}
        write={(value) => scoreText(value, method)}
        // The limit has room above it, so that what stays below is seen to.
        {...(lowerIsGraver(method) ? { powersFrom: LEAST_P } : { atLeast: 1.5 * THRESHOLDS[method].warnAt })}
      />
    ),
  },
  ...(narrow
    ? []
    : [
        {
          id: 'n',
          header: 'Rows',
          align: 'right' as const,
          sort: ({ drift: { latest } }: FeatureRow) => latest?.n ?? null,
          cell: ({ drift: { latest } }: FeatureRow) => formatCount(latest?.n),
        },
      ]),
  {
    id: 'missing',
    header: 'Missing',
    align: 'right',
    sort: ({ quality }) => quality?.missing ?? null,
    cell: ({ drift, quality }) => (
      <Share
        measure="missing"
        value={quality?.missing}
        reference={quality?.referenceMissing ?? 0}
        n={quality?.n}
        feature={featureTitle(drift)}
      />
    ),
  },
  {
    id: 'outside',
    header: 'Outside',
    align: 'right',
    hint: 'Numbers below the least or above the largest of the reference; categories that it does not have',
    sort: ({ drift, quality }) => outsideOf(drift.kind, quality),
    cell: ({ drift, quality }) => (
      <Share
        measure={drift.kind === 'categorical' ? 'unseen' : 'out-of-range'}
        n={quality?.n}
        feature={featureTitle(drift)}
        value={outsideOf(drift.kind, quality) ?? undefined}
        reference={drift.kind === 'categorical' ? 0 : (quality?.referenceOutOfRange ?? 0)}
      />
    ),
  },
  {
    id: 'relation',
    header: `r with ${metric.toLowerCase()}`,
    align: 'right',
    hint: `Pearson r, over windows, between this score and how far ${metric.toLowerCase()} lies from the reference, with its 95 % interval; from 8 windows on. It goes with it, which is no proof of a cause.`,
    sort: ({ ranked }) => ranked?.r ?? null,
    cell: ({ ranked }) => <Relation ranked={ranked} narrow={narrow} />,
  },
];

function Relation({ ranked, narrow }: { ranked: FeatureRow['ranked']; narrow: boolean }) {
  if (!ranked || ranked.r === null)
    return (
      <span className="text-ink-3" title={`r needs 8 windows with both; there are ${ranked?.windows ?? 0}`}>
        {NONE}
      </span>
    );
  const write = (value: number | null) => formatFixed(value, 2).replace('-', '−');
  const behind = `${write(ranked.low)} to ${write(ranked.high)}, n ${ranked.windows}`;
  return (
    <span className="inline-flex items-baseline gap-1.5" title={`95 % interval ${behind} windows`}>
      <Explain
        method="ranking"
        value={ranked.r}
        low={ranked.low}
        high={ranked.high}
        n={ranked.windows}
        counts="windows"
        of={`r of ${ranked.feature}: ${write(ranked.r)}`}
      >
        <span className="font-medium">{write(ranked.r)}</span>
      </Explain>
      <span className={narrow ? 'sr-only' : 'text-2xs text-ink-3'}>{behind}</span>
    </span>
  );
}
