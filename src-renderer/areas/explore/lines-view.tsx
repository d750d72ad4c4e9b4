/** Metric curves of many runs: a panel for each metric, in sections, or one of them large. */
import { ArrowLeft, ChartLine, ChevronDown, ChevronRight, Maximize2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { LinesX } from '../../../src-main/contract/explore.ts';
import type { Range } from '../../charts/curve.ts';
import { createHighlight, type Highlight } from '../../charts/highlight.ts';
import { useHeight } from '../../charts/use-width.ts';
import { plural } from '../../lib/format.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { titleOf } from './column-choice.ts';
import type { Look, RunGroup } from './curves-of.ts';
import type { ExploreProps } from './explore-props.ts';
import { type ChangePart, type LinesState, useExplorePart } from './explore-state.ts';
import { LinePanel } from './line-panel.tsx';
import { LinesToolbar } from './lines-toolbar.tsx';
import { MOST_GROUPS, runGroups } from './run-groups.ts';
import { type ListedCurve, RunsList } from './runs-list.tsx';
import { PLAIN, type Section, sectionsOf, usuallyFolded } from './sections.ts';
import { shownRuns } from './shown-runs.ts';
import type { CurveSource } from './use-curves.ts';
import { useRunLooks } from './use-run-looks.ts';

const PANEL_HEIGHT = 190;
/** What stands above and around the large panel's drawing. */
const LARGE_HEAD = 56;
/** More panels than this in a section are shown on request. */
const MOST_PANELS = 48;

export const xOf = (x: string): LinesX => {
  if (x.startsWith('m:')) return { kind: 'metric', key: x.slice(2) };
  return { kind: x === 'time' || x === 'relative' ? x : 'step' };
};

export function LinesView({ experiment, order, keys, selected }: ExploreProps) {
  const [state, change] = useExplorePart(experiment, 'lines');
  const { query } = useLocation();
  const [highlight] = useState(createHighlight);
  const shown = useMemo(() => shownRuns(order.ids, selected, state.most), [order.ids, selected, state.most]);
  const { cells, runs } = useRunLooks(experiment, shown.ids, state.groupBy);
  const grouped = useMemo(() => {
    const column = state.groupBy === null ? null : cells?.column(state.groupBy);
    return column && cells ? runGroups(cells.ids, column) : null;
  }, [state.groupBy, cells]);
  const curveMetrics = useMemo(() => (keys?.metrics ?? []).filter(({ curve }) => curve), [keys]);
  const sections = useMemo(
    () => sectionsOf(curveMetrics, keys?.sampled ?? 0, state.search),
    [curveMetrics, keys, state.search],
  );
  const pinned = useMemo(() => new Set(state.pinned), [state.pinned]);
  const listed = useMemo<ListedCurve[]>(
    () =>
      grouped
        ? grouped.groups.map(({ id, label, color, dashed, runIds }) => ({
            ...{ id, label, color, dashed, runId: null },
            note: runIds.size,
          }))
        : [...runs.values()].map(({ id, look, status }) => ({
            ...{ id, ...look, runId: id },
            note: status === 'RUNNING' ? 'running' : null,
          })),
    [grouped, runs],
  );
  const parts = useMemo<PanelParts>(() => {
    const labels = new Map([...runs].map(([id, run]) => [id, { id, ...run.look }]));
    return {
      shownIds: shown.ids,
      lookOf: (id) => labels.get(id) ?? null,
      groups: grouped ? { of: grouped.groups, line: state.line, band: state.band } : null,
    };
  }, [runs, shown.ids, grouped, state.line, state.band]);
  const shared = { state, change, highlight, pinned, parts };
  const all = sections.flatMap((section) => section.keys);
  const large =
    query.metric !== undefined && curveMetrics.some(({ key }) => key === query.metric) ? query.metric : null;

  if (keys && curveMetrics.length === 0)
    return (
      <Panel>
        <EmptyState icon={ChartLine} title="No metric is logged as a curve">
          A metric that a run logs at several steps is drawn here as a line. Single values are compared under
          Bars, Scatter and Parallel.
        </EmptyState>
      </Panel>
    );
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3">
      <LinesToolbar
        state={state}
        onChange={change}
        keys={keys}
        curveKeys={curveMetrics.map(({ key }) => key)}
        selecting={selected.size > 0}
      />
      <div className="flex min-h-0 flex-1 gap-3">
        {large === null ? (
          <div className="min-h-0 min-w-0 flex-1 overflow-auto">
            {sections.length === 0 && keys ? (
              <Panel>
                <EmptyState
                  icon={ChartLine}
                  title="No metric has that name"
                  action={<Button onClick={() => change({ search: '' })}>Show all metrics</Button>}
                >
                  Words are looked for in the names of metrics.
                </EmptyState>
              </Panel>
            ) : (
              <Sections sections={sections} {...shared} />
            )}
          </div>
        ) : (
          <LargePanel metric={large} all={all} {...shared} />
        )}
        {state.list ? (
          <aside aria-label="Runs in the charts" className="flex w-60 shrink-0 flex-col">
            <Panel
              padded={false}
              fill
              title={grouped ? plural(grouped.groups.length, 'group') : 'Runs'}
              hint={
                grouped && grouped.left > 0
                  ? `the ${MOST_GROUPS} largest of ${grouped.groups.length + grouped.left}`
                  : shown.words
              }
            >
              <div className="flex h-full flex-col">
                <RunsList
                  curves={listed}
                  highlight={highlight}
                  pinned={pinned}
                  onPin={(id) => change({ pinned: toggled(state.pinned, id) })}
                />
                {state.groupBy === null ? null : (
                  <p className="shrink-0 border-t border-line px-2 py-1 text-2xs text-ink-3">
                    {state.line === 'mean' ? 'Mean' : 'Median'} of the runs with the same{' '}
                    {titleOf(state.groupBy)}; {shown.words}.
                  </p>
                )}
              </div>
            </Panel>
          </aside>
        ) : null}
      </div>
    </div>
  );
}

const toggled = (list: readonly string[], one: string): string[] =>
  list.includes(one) ? list.filter((other) => other !== one) : [...list, one];

type PanelParts = {
  shownIds: readonly string[];
  lookOf(id: string): (Look & { id: string }) | null;
  groups: { of: readonly RunGroup[]; line: LinesState['line']; band: LinesState['band'] } | null;
};

type Shared = {
  state: LinesState;
  change: ChangePart<'lines'>;
  highlight: Highlight;
  pinned: ReadonlySet<string>;
  parts: PanelParts;
};

function Sections({ sections, ...shared }: Shared & { sections: readonly Section[] }) {
  const { state, change } = shared;
  const folded = new Set(state.search === '' ? (state.folded ?? usuallyFolded(sections)) : []);
  if (sections.length === 1 && sections[0]?.name === PLAIN)
    return <PanelGrid keys={sections[0].keys} {...shared} />;
  return (
    <div className="flex flex-col gap-3">
      {sections.map(({ name, keys }) => {
        const open = !folded.has(name);
        const Icon = open ? ChevronDown : ChevronRight;
        const title = name === PLAIN ? 'Metrics' : name;
        return (
          <section key={name} aria-label={title}>
            <button
              type="button"
              aria-expanded={open}
              onClick={() => change({ folded: toggled([...folded], name) })}
              className="mb-2 flex w-full items-center gap-1.5 rounded-xs text-left text-sm font-semibold"
            >
              <Icon size={14} aria-hidden="true" className="text-ink-3" />
              {title}
              <span className="num text-xs font-normal text-ink-3">{plural(keys.length, 'metric')}</span>
            </button>
            {open ? <PanelGrid keys={keys} {...shared} /> : null}
          </section>
        );
      })}
    </div>
  );
}

function PanelGrid({ keys, ...shared }: Shared & { keys: readonly string[] }) {
  const [most, setMost] = useState(MOST_PANELS);
  return (
    <>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,250px),1fr))] gap-3">
        {keys.slice(0, most).map((key) => (
          <Panel key={key}>
            <MetricPanel
              metric={key}
              height={PANEL_HEIGHT}
              {...shared}
              actions={
                <IconButton
                  icon={Maximize2}
                  size="sm"
                  label={`Enlarge ${key}`}
                  onClick={() => setQuery({ metric: key })}
                />
              }
            />
          </Panel>
        ))}
      </div>
      {keys.length > most ? (
        <div className="mt-3 text-center">
          <Button onClick={() => setMost(most + MOST_PANELS)}>
            Show {Math.min(MOST_PANELS, keys.length - most)} more of {plural(keys.length, 'metric')}
          </Button>
        </div>
      ) : null}
    </>
  );
}

function MetricPanel({
  metric,
  height,
  actions,
  state,
  change,
  highlight,
  pinned,
  parts,
}: Shared & { metric: string; height: number; actions: React.ReactNode }) {
  const sources = useMemo<CurveSource[]>(
    () => [{ key: metric, runIds: parts.shownIds }],
    [metric, parts.shownIds],
  );
  const zoomTo = (range: Range | null) => {
    const { [metric]: _, ...others } = state.zooms;
    change({ zooms: range ? { ...others, [metric]: range } : others });
  };
  return (
    <LinePanel
      title={metric}
      sources={sources}
      lookOf={parts.lookOf}
      groups={parts.groups}
      x={xOf(state.x)}
      smoothing={state.smoothing}
      logX={state.logX}
      logY={state.logY}
      clip={state.clip}
      height={height}
      zoom={state.zooms[metric] ?? null}
      onZoom={zoomTo}
      highlight={highlight}
      pinned={pinned}
      onPick={(id) => change({ pinned: toggled(state.pinned, id) })}
      syncKey="lines"
      actions={actions}
    />
  );
}

/** One metric as large as the page; the arrows go on to the next. */
function LargePanel({ metric, all, ...shared }: Shared & { metric: string; all: readonly string[] }) {
  const [box, height] = useHeight();
  const at = all.indexOf(metric);
  const next = (by: number) => setQuery({ metric: all[(at + by + all.length) % all.length] ?? metric });
  return (
    <div ref={box} className="min-h-0 min-w-0 flex-1 overflow-auto">
      <Panel>
        <MetricPanel
          key={metric}
          metric={metric}
          height={Math.max(220, height - LARGE_HEAD)}
          {...shared}
          actions={
            <>
              {all.length > 1 && at >= 0 ? (
                <>
                  <Button size="sm" variant="ghost" onClick={() => next(-1)}>
                    Previous
                  </Button>
                  <Button size="sm" variant="ghost" onClick={() => next(1)}>
                    Next
                  </Button>
                </>
              ) : null}
              <Button size="sm" icon={ArrowLeft} onClick={() => setQuery({ metric: null })}>
                All metrics
              </Button>
            </>
          }
        />
      </Panel>
    </div>
  );
}
