/** Every watched endpoint in a row, the one that needs a look first on top. */
import {
  Activity,
  BellRing,
  CircleAlert,
  CircleCheck,
  CircleHelp,
  type LucideIcon,
  Radio,
  TriangleAlert,
} from 'lucide-react';
import { useMemo } from 'react';
import type { FeatureDrift } from '../../../src-main/contract/monitoring.ts';
import { methodOfSeries } from '../../../src-main/contract/monitoring-methods.ts';
import type { Series, SeriesPoint, WindowSize } from '../../../src-main/contract/monitoring-series.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { useWidth } from '../../charts/use-width.ts';
import { formatCount, formatDateTime, formatPercent, plural } from '../../lib/format.ts';
import { defaultPer } from '../../lib/monitoring-scope.ts';
import { useData, useDataList } from '../../lib/query.ts';
import { navigate, pathTo } from '../../lib/router.ts';
import type { Rpc } from '../../lib/rpc.ts';
import { SPAN_WORD, seriesTitle, valueText } from '../../lib/series-words.ts';
import { useNow } from '../../lib/use-now.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { Explain } from '../explain/index.tsx';
import { isDrifted } from './features-rules.ts';
import { SCORE } from './health-data.ts';
import { type HealthWords, healthWords, NOTHING_SEEN } from './health-words.ts';
import { type OpenCount, openByEndpoint, urgencyOf } from './watched-rules.ts';

type Watched = Awaited<ReturnType<Rpc['monitoring']['overview']>>[number];
type Row = {
  watched: Watched;
  /** Window size that there is data enough for. */
  per: WindowSize;
  /** Inputs with a level, and how many of them moved; null while they load. */
  inputs: { judged: number; drifted: number; n: number } | null;
  words: HealthWords | null;
  performance: Series | null;
  open: OpenCount | undefined;
};

const ICONS: Readonly<Record<HealthWords['tone'], { icon: LucideIcon; look: string; word: string }>> = {
  bad: { icon: CircleAlert, look: 'text-bad', word: 'needs a look' },
  warn: { icon: TriangleAlert, look: 'text-warn', word: 'worth a look' },
  ok: { icon: CircleCheck, look: 'text-ok', word: 'well' },
  neutral: { icon: CircleHelp, look: 'text-ink-3', word: 'not known yet' },
};

const share = ({ inputs }: Row): number => (inputs && inputs.judged > 0 ? inputs.drifted / inputs.judged : 0);
const inputsOf = (features: readonly FeatureDrift[]) => {
  const judged = features.filter(
    ({ kind, latest }) => kind !== 'prediction' && latest !== null && latest.level !== 'too-few',
  );
  const n = judged.reduce((most, { latest }) => Math.max(most, latest?.n ?? 0), 0);
  return { judged: judged.length, drifted: judged.filter(isDrifted).length, n };
};
const isFinal = ({ value, complete, mature, n }: SeriesPoint, { minN }: Series): boolean =>
  value !== null && complete && mature && n >= minN;
const lastFinal = (series: Series): SeriesPoint | undefined =>
  series.points.findLast((point) => isFinal(point, series));
/** Windows that a line shows. */
const SHOWN = 30;

const columnsFor = (narrow: boolean): Column<Row>[] => [
  {
    id: 'endpoint',
    header: 'Endpoint',
    cell: ({ watched: { endpoint, predictions, labelled } }) => (
      <span className="block max-w-36 py-1.5 min-[1180px]:max-w-60">
        <span className="block truncate">{endpoint}</span>
        <span className="num block truncate text-xs font-normal text-ink-3">
          {predictions === 0
            ? 'no prediction yet'
            : narrow
              ? plural(predictions, 'prediction')
              : `${plural(predictions, 'prediction')}, ${formatPercent(labelled / predictions, 0)} labelled`}
        </span>
      </span>
    ),
    sort: ({ watched }) => watched.endpoint,
  },
  {
    id: 'urgency',
    header: 'What is going on',
    align: 'left',
    sort: (row) => urgencyOf({ tone: row.words?.tone ?? 'neutral', open: row.open, share: share(row) }),
    cell: ({ words }) => {
      if (!words) return <span className="text-ink-3">…</span>;
      const { icon: Icon, look, word } = ICONS[words.tone];
      return (
        <span
          className="num flex min-w-44 items-center gap-2 py-1.5 whitespace-normal"
          title={[words.headline, ...words.details].join(' ')}
        >
          <Icon size={14} aria-label={word} className={`shrink-0 ${look}`} />
          <span className="line-clamp-2 text-pretty">{words.headline}</span>
        </span>
      );
    },
  },
  {
    id: 'drift',
    header: 'Drifted',
    align: 'right',
    hint: 'Inputs whose score is moderate or large, of those with rows enough; over the newest whole span',
    sort: (row) => (row.watched.hasReference ? share(row) : null),
    cell: ({ watched, inputs, per }) =>
      !watched.hasReference ? (
        <span className="text-ink-3">no reference</span>
      ) : inputs === null ? (
        '…'
      ) : inputs.judged === 0 ? (
        <span className="text-ink-3">too few rows</span>
      ) : (
        <Explain
          method="drifted-share"
          value={inputs.drifted / inputs.judged}
          n={inputs.n}
          inForce={`The newest whole ${SPAN_WORD[per]}: ${inputs.drifted} of ${plural(inputs.judged, 'input')} with rows enough.`}
          of={`drifted inputs of ${watched.endpoint}: ${inputs.drifted} of ${inputs.judged}`}
        >
          {inputs.drifted} of {inputs.judged}
        </Explain>
      ),
  },
  {
    id: 'quality',
    header: 'Quality',
    align: 'right',
    sort: ({ performance }) => (performance ? (lastFinal(performance)?.value ?? null) : null),
    cell: ({ performance, watched }) => <Quality performance={performance} of={watched.endpoint} />,
  },
  {
    id: 'alerts',
    header: 'Open alerts',
    align: 'right',
    sort: ({ open }) => (open ? open.critical * 1e4 + open.warning * 1e2 + open.info : 0),
    cell: ({ open }) => <Open open={open} />,
  },
  ...(narrow
    ? []
    : [
        {
          id: 'last',
          header: 'Last event, UTC',
          align: 'right' as const,
          cell: ({ watched }: Row) => formatDateTime(watched.lastMs, true),
          sort: ({ watched }: Row) => watched.lastMs,
        },
      ]),
];

function Quality({ performance, of }: { performance: Series | null; of: string }) {
  const last = performance ? lastFinal(performance) : undefined;
  if (!performance || !last) return <span className="text-ink-3">no labels yet</span>;
  const title = seriesTitle(performance.series);
  const text = valueText(last.value, performance.unit);
  const shown = performance.points.filter(({ value }) => value !== null).slice(-SHOWN);
  return (
    <span className="inline-flex items-center gap-2 align-middle">
      <Sparkline
        label={title}
        values={shown.map(({ value }) => value)}
        behind={shown.map((point) => ({
          ...{ n: point.n, low: point.low, high: point.high },
          weak: !isFinal(point, performance),
        }))}
        unit={performance.unit === 'share' ? 'share' : 'number'}
        width={64}
        fromZero={false}
      />
      <Explain
        method={methodOfSeries(performance.series)}
        value={last.value}
        n={last.n}
        minN={performance.minN}
        low={last.low}
        high={last.high}
        inForce={
          performance.reference === null
            ? null
            : `The reference has ${valueText(performance.reference, performance.unit)}.`
        }
        of={`${title} of ${of}: ${text}`}
      >
        {text}
      </Explain>
    </span>
  );
}

function Open({ open }: { open: OpenCount | undefined }) {
  const count = open ? open.critical + open.warning + open.info : 0;
  if (!open || count === 0) return <span className="text-ink-3">none</span>;
  const tone = open.critical > 0 ? 'bad' : open.warning > 0 ? 'warn' : 'info';
  const parts = [
    open.critical > 0 ? plural(open.critical, 'critical', 'critical') : null,
    open.warning > 0 ? plural(open.warning, 'warning') : null,
    open.info > 0 ? plural(open.info, 'info', 'info') : null,
  ].filter(Boolean);
  return (
    <span title={`${parts.join(', ')}; ${formatCount(open.waiting)} not acknowledged`}>
      <Badge tone={tone} icon={BellRing}>
        {formatCount(count)}
        <span className="sr-only">: {parts.join(', ')}</span>
      </Badge>
    </span>
  );
}

const SNIPPET = `# what monitoring reads from a request, beside its inputs
{
  "id": "UA1545-2013-03-15",
  "parameters": {
    "lathe_unit": "UA1545",
    "lathe_event_ms": 1363305600000
  },
  "inputs": [ … ]
}`;

export function WatchedList() {
  const overview = useData(['monitoring', 'overview'], (rpc, signal) =>
    rpc.monitoring.overview(undefined, { signal }),
  );
  const rows = useRows(overview.data ?? []);
  const [ref, width] = useWidth();
  const narrow = width > 0 && width < 900;
  const columns = useMemo(() => columnsFor(narrow), [narrow]);
  return (
    <Page>
      <PageHeader
        title="Monitoring"
        subtitle="What goes into every served model, what comes out, how right it turned out to be, and what it did for the business."
      />
      <div ref={ref}>
        <Panel
          padded={false}
          title="Watched endpoints"
          hint={overview.data ? plural(overview.data.length, 'endpoint') : null}
        >
          <QueryState query={overview} what="Watched endpoints">
            {() => (
              <div className="overflow-x-auto">
                <Table
                  label="Watched endpoints"
                  columns={columns}
                  rows={rows}
                  rowKey={({ watched }) => watched.endpoint}
                  href={({ watched }) => pathTo('monitoring', watched.endpoint)}
                  defaultSort={{ id: 'urgency', direction: 'desc' }}
                  empty={
                    <EmptyState
                      icon={Activity}
                      title="Nothing is watched yet"
                      action={
                        <Button variant="primary" icon={Radio} onClick={() => navigate('/serving')}>
                          Go to Serving
                        </Button>
                      }
                      snippet={SNIPPET}
                    >
                      An endpoint is watched from its first request on. Serve a model with logging on and send
                      it requests; a reference then tells what has moved, and labels how right it was.
                    </EmptyState>
                  }
                />
              </div>
            )}
          </QueryState>
        </Panel>
      </div>
    </Page>
  );
}

function useRows(watched: readonly Watched[]): Row[] {
  const now = useNow();
  const looks = watched.map(({ endpoint, firstMs, lastMs }) => ({
    endpoint,
    per: defaultPer(firstMs === null || lastMs === null ? null : { firstMs, lastMs }),
  }));
  const alerts = useData(['alerts', 'list', 'open'], (rpc, signal) =>
    rpc.alerts.list({ state: 'open' }, { signal }),
  );
  const drift = useDataList(
    looks.map(({ endpoint, per }) => ({
      key: ['monitoring', 'drift', endpoint, per, null, null] as const,
      load: (rpc, signal) => rpc.monitoring.drift({ endpoint, per }, { signal }),
    })),
    { enabled: true },
  );
  const quality = useDataList(
    looks.map(({ endpoint, per }) => ({
      key: ['monitoring', 'quality', endpoint, per, null] as const,
      load: (rpc, signal) => rpc.monitoring.quality({ endpoint, per }, { signal }),
    })),
    { enabled: true },
  );
  const performance = useDataList(
    looks.map(({ endpoint, per }) => ({
      key: ['monitoring', 'accuracy', endpoint, per] as const,
      load: async (rpc, signal) => {
        const { task } = await rpc.monitoring.performanceDetail({ endpoint }, { signal });
        const metric = task === 'regression' ? 'rmse' : 'accuracy';
        return rpc.monitoring.series({ endpoint, per, series: { of: 'performance', metric } }, { signal });
      },
    })),
    { enabled: true },
  );
  const open = openByEndpoint(alerts.data?.alerts ?? [], now);
  return watched.map((one, i) => {
    const features = drift[i]?.data;
    const measured = performance[i]?.data ?? null;
    const per = looks[i]?.per ?? 'day';
    return {
      watched: one,
      per,
      inputs: features ? inputsOf(features) : null,
      performance: measured,
      open: open.get(one.endpoint),
      words:
        one.firstMs === null
          ? NOTHING_SEEN
          : features
            ? healthWords({
                per,
                score: SCORE,
                features,
                quality: quality[i]?.data?.features ?? [],
                performance: measured,
                estimated: null,
              })
            : null,
    };
  });
}
