/** What is wrong with the values that come in, in words, and what is not seen of them. */
import { CircleCheck } from 'lucide-react';
import type { DataQuality, FeatureQuality } from '../../../src-main/contract/monitoring.ts';
import type { QualityMeasure } from '../../../src-main/contract/monitoring-series.ts';
import {
  formatCount,
  formatDateTime,
  formatDuration,
  formatPercent,
  formatRelative,
  NONE,
  plural,
} from '../../lib/format.ts';
import { scopedPath } from '../../lib/monitoring-scope.ts';
import { useLocation } from '../../lib/router.ts';
import { windowText } from '../../lib/series-words.ts';
import { useRelative } from '../../lib/use-now.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Stat, StatRow } from '../../ui/Stat.tsx';
import { Explain } from '../explain/index.tsx';
import { featureTitle } from './psi.ts';

/** Beyond this the past is played again, and how late it came says nothing. */
const LONG_MS = 60 * 86_400_000;

const TONES = { critical: 'bad', warning: 'warn' } as const;

/** Shares of a feature's rows, by what is wrong with them, beside the reference's. */
const measuresOf = (
  one: Omit<FeatureQuality, 'finding'>,
): { measure: QualityMeasure; word: string; value: number; reference: number }[] =>
  [
    { measure: 'missing' as const, word: 'missing', value: one.missing, reference: one.referenceMissing },
    { measure: 'not-finite' as const, word: 'not finite', value: one.notFinite, reference: 0 },
    { measure: 'wrong-type' as const, word: 'wrong type', value: one.wrongType, reference: 0 },
    {
      ...{ measure: 'out-of-range' as const, word: 'out of range' },
      ...{ value: one.outOfRange, reference: one.referenceOutOfRange },
    },
    { measure: 'unseen' as const, word: 'unseen', value: one.unseen, reference: 0 },
  ].filter(({ value }) => value > 0);

function Measures({ quality }: { quality: Omit<FeatureQuality, 'finding'> }) {
  return (
    <span className="num flex shrink-0 gap-3 text-xs text-ink-2">
      {measuresOf(quality).map(({ measure, word, value, reference }) => (
        <span key={measure}>
          {word}{' '}
          <Explain
            method={`quality.${measure}`}
            value={value}
            n={quality.n}
            inForce={`The reference has ${formatPercent(reference)}.`}
            of={`${word}, ${quality.feature}: ${formatPercent(value)}`}
          >
            {formatPercent(value)}
          </Explain>
        </span>
      ))}
    </span>
  );
}

const GRAVITY = { critical: 1, warning: 0 } as const;

export function DataQualityPanel({ quality, endpoint }: { quality: DataQuality; endpoint: string }) {
  const { query } = useLocation();
  const { features, lastEventMs, lastReceivedMs, skewedRows, losses, countedOnly, windowMs, per, staleness } =
    quality;
  const ago = useRelative(lastReceivedMs);
  const found = features
    .flatMap((feature) => (feature.finding ? [{ ...feature, finding: feature.finding }] : []))
    .sort((a, b) => GRAVITY[b.finding.level] - GRAVITY[a.finding.level]);
  const lost = losses.dropped + losses.sampledOut + losses.reused;
  const anyLost = lost + losses.labels > 0;
  const delay = lastEventMs === null || lastReceivedMs === null ? null : lastReceivedMs - lastEventMs;
  return (
    <Panel
      title="Data quality"
      padded={false}
      hint={windowMs === null ? null : `to ${windowText(windowMs, per)}`}
    >
      {found.length > 0 ? (
        <ul aria-label="Findings">
          {found.map(({ finding, ...quality }) => {
            const { feature, kind } = quality;
            return (
              <li
                key={feature}
                className="flex min-h-(--row-h) items-center gap-3 border-b border-line px-3 py-1.5"
              >
                <span className="w-16 shrink-0">
                  <Badge tone={TONES[finding.level]}>{finding.level}</Badge>
                </span>
                <Link
                  to={scopedPath(query, [endpoint, feature])}
                  quiet
                  className="w-40 shrink-0 truncate font-medium"
                >
                  {featureTitle({ feature, kind })}
                </Link>
                <span className="num min-w-0 flex-1">{finding.text}</span>
                <Measures quality={quality} />
              </li>
            );
          })}
        </ul>
      ) : (
        <p className="flex items-center gap-2 border-b border-line px-3 py-2.5 text-ink-2">
          <CircleCheck size={15} aria-hidden="true" className="shrink-0 text-ok" />
          {windowMs === null
            ? `No whole ${per} yet.`
            : 'No more missing values, no new categories, nothing out of range or of a wrong type.'}
        </p>
      )}
      {staleness && (
        <p className="flex min-h-(--row-h) items-center gap-3 border-b border-line px-3 py-1.5">
          <span className="w-16 shrink-0">
            <Badge tone={TONES[staleness.level]}>{staleness.level}</Badge>
          </span>
          <span className="w-40 shrink-0 truncate font-medium">Newest event</span>
          <span className="num min-w-0 flex-1">{staleness.text}</span>
        </p>
      )}
      <StatRow flush>
        <Stat
          label="Newest event, UTC"
          value={
            <span className="text-md">{lastEventMs === null ? NONE : formatDateTime(lastEventMs, true)}</span>
          }
          delta={delta(delay)}
          tone={staleness ? TONES[staleness.level] : 'neutral'}
        />
        <Stat
          label="Last arrival"
          value={<span className="text-md">{lastReceivedMs === null ? NONE : ago}</span>}
          delta={lastReceivedMs === null ? null : formatDateTime(lastReceivedMs)}
        />
        <Stat
          label="Skewed clocks"
          value={<span className="text-md">{formatCount(skewedRows)}</span>}
          unit={skewedRows === 1 ? 'row' : 'rows'}
          tone={skewedRows > 0 ? 'warn' : 'neutral'}
          delta="over 5 min ahead of arrival"
        />
        <Stat
          label="Counted only"
          value={<span className="text-md">{formatCount(countedOnly)}</span>}
          unit={countedOnly === 1 ? 'row' : 'rows'}
          delta="above the logging rate"
        />
        <Stat
          label="Lost in all"
          value={<span className="text-md">{formatCount(lost)}</span>}
          unit={lost === 1 ? 'row' : 'rows'}
          tone={losses.dropped + losses.labels > 0 ? 'warn' : 'neutral'}
          delta={anyLost ? lossWords(losses) : 'every served row was counted'}
        />
      </StatRow>
    </Panel>
  );
}

const delta = (delay: number | null): string | null => {
  if (delay === null) return null;
  if (delay > LONG_MS) return `happened ${formatRelative(0, delay).replace(' ago', '')} before`;
  return Math.abs(delay) < 1000
    ? 'arrived at once'
    : `arrived ${formatDuration(Math.abs(delay))} ${delay > 0 ? 'later' : 'earlier'}`;
};

function lossWords({ dropped, sampledOut, reused, labels }: DataQuality['losses']): string {
  return [
    dropped > 0 ? plural(dropped, 'dropped', 'dropped') : null,
    sampledOut > 0 ? `${formatCount(sampledOut)} sampled out` : null,
    reused > 0 ? `${formatCount(reused)} with an id used before` : null,
    labels > 0 ? `and ${plural(labels, 'label', 'labels')} that fit no prediction` : null,
  ]
    .filter(Boolean)
    .join(', ');
}
