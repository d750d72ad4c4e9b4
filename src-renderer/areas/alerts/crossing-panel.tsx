/** The series up to the window that made the alert fire, with its limit and its reference. */
import {
  type Alert,
  type AlertEvidence,
  type AlertRule,
  isBurnTitle,
} from '../../../src-main/contract/alerts.ts';
import { SPANS, WINDOW_SIZE_MS } from '../../../src-main/contract/monitoring-series.ts';
import { pointsOf } from '../../charts/from-series.ts';
import type { EventMark, Threshold } from '../../charts/plot-spec.ts';
import { TimeSeries } from '../../charts/time-series.tsx';
import { formatCount } from '../../lib/format.ts';
import { pathTo } from '../../lib/router.ts';
import {
  chartUnit,
  differenceText,
  SPAN_WORD,
  seriesTitle,
  unitOf,
  valueText,
  windowText,
} from '../../lib/series-words.ts';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Stat, StatRow } from '../../ui/Stat.tsx';
import { SEVERITY } from './alert-look.tsx';
import { AlertNumber } from './alert-number.tsx';

type Props = { alert: Alert; rule: AlertRule | null; evidence: AlertEvidence };

export function CrossingPanel({ alert, rule, evidence }: Props) {
  const { series, per, value, limit, n, windowMs } = alert;
  const burns = isBurnTitle(alert.title);
  const unit = unitOf(series);
  const { low = null, high = null } = evidence.points.find((point) => point.windowMs === windowMs) ?? {};
  // The bins that were kept are the stability index's.
  const own =
    series.of === 'drift' && series.method === 'lathe.psi.frozen@1'
      ? evidence.features.find(({ feature }) => feature === series.feature)
      : undefined;
  const { reference, points } = evidence;
  const size = WINDOW_SIZE_MS[per];
  const drawn = pointsOf({
    per,
    minN: 0,
    points: points.map((point) => ({ ...point, level: null, complete: true, mature: true })),
  });
  const from = points[0]?.windowMs ?? windowMs;
  const thresholds: Threshold[] = [
    ...(limit === null || burns
      ? []
      : [{ value: limit, label: `limit ${valueText(limit, unit)}`, color: 'bad' as const }]),
    ...(reference === null
      ? []
      : [
          { value: reference, label: `reference ${valueText(reference, unit)}`, color: 'reference' as const },
        ]),
  ];
  const events: EventMark[] = evidence.changes.flatMap(({ kind, eventMs, title }) =>
    kind !== 'alert' && eventMs !== null && eventMs >= from && eventMs <= windowMs + size
      ? [{ x: eventMs, label: title }]
      : [],
  );
  const title = seriesTitle(series);
  return (
    <>
      <StatRow>
        <Stat
          label={`On ${windowText(windowMs, per)}`}
          value={
            <AlertNumber
              {...{ alert, rule, value, n, low, high }}
              level={own?.level ?? null}
              bins={own?.bins}
            />
          }
          tone={alert.state === 'firing' ? SEVERITY[alert.severity].tone : 'neutral'}
          delta={
            value === null || limit === null || burns
              ? null
              : `${differenceText(value - limit, unit)} to the limit`
          }
        />
        <Stat
          label="Limit"
          value={<AlertNumber {...{ alert, rule }} what="limit" value={limit} />}
          delta="of the rule"
        />
        <Stat
          label="Reference"
          value={<AlertNumber {...{ alert, rule }} what="reference" value={reference} />}
          delta={
            reference === null
              ? 'not known'
              : value === null || burns
                ? null
                : `${differenceText(value - reference, unit)} since`
          }
        />
        <Stat label="Rows" value={formatCount(n)} delta={`behind the value, ${SPAN_WORD[per]}`} />
      </StatRow>
      <Panel
        title={title}
        hint={[
          alert.arm === null ? 'all arms' : alert.arm,
          alert.version === null ? null : `v${alert.version}`,
          `each point is the ${SPAN_WORD[per]} that end with it, UTC`,
        ]
          .filter(Boolean)
          .join(' · ')}
        actions={
          <Link to={seriesPath(alert)} className="text-xs">
            Open in Monitoring
          </Link>
        }
      >
        <TimeSeries
          title={`${title} up to the alert`}
          hideTitle
          x="time"
          daily={per === 'day'}
          unit={chartUnit(unit)}
          height={220}
          gap={size * SPANS[per]}
          series={[{ id: 'value', label: title, color: 1, points: drawn }]}
          thresholds={thresholds}
          events={events}
          mark={{ x: windowMs + size / 2, width: size }}
          {...(unit === 'share' ? { floor: 0, ceiling: 1 } : {})}
          legend="values"
          emptyText="The series was not kept with this alert."
        />
      </Panel>
    </>
  );
}

/** Where the series is looked at in full. */
function seriesPath({ endpoint, series, windowMs, per }: Alert): string {
  const base = pathTo('monitoring', endpoint);
  switch (series.of) {
    case 'drift':
    case 'quality':
    case 'mean':
      return series.feature === '*'
        ? `${base}?tab=features&per=${per}`
        : `${pathTo('monitoring', endpoint, series.feature)}?per=${per}&window=${windowMs}`;
    case 'performance':
    case 'estimated':
      return `${base}?tab=performance&per=${per}&metric=${series.metric}`;
    case 'business':
      return `${base}?tab=business&per=${per}`;
    default:
      return `${base}?per=${per}`;
  }
}
