/** Below the runs table: one metric's curves of the selected runs. */
import { ChevronDown, ChevronUp, Maximize2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Range } from '../../charts/curve.ts';
import { createHighlight } from '../../charts/highlight.ts';
import { setQuery } from '../../lib/router.ts';
import { rankMetrics } from '../../lib/run-columns.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Select } from '../../ui/Select.tsx';
import type { ExploreProps } from './explore-props.ts';
import { useExplorePart, useStrip } from './explore-state.ts';
import { LinePanel } from './line-panel.tsx';
import { xOf } from './lines-view.tsx';
import { shownRuns } from './shown-runs.ts';
import { useRunLooks } from './use-run-looks.ts';

const HEIGHT = 170;

export function SelectedStrip({ experiment, order, keys, selected }: ExploreProps) {
  const [open, setOpen] = useStrip(experiment);
  const [state, change] = useExplorePart(experiment, 'lines');
  const [highlight] = useState(createHighlight);
  const [zoom, setZoom] = useState<Range | null>(null);
  const [wanted, setWanted] = useState<string | null>(null);
  const shown = useMemo(() => shownRuns(order.ids, selected, 0), [order.ids, selected]);
  const { runs } = useRunLooks(experiment, shown.ids, null);
  const metrics = useMemo(
    () =>
      rankMetrics(
        (keys?.metrics ?? []).filter(({ curve }) => curve),
        keys?.sampled ?? 0,
      ),
    [keys],
  );
  const metric = wanted !== null && metrics.includes(wanted) ? wanted : metrics[0];
  const sources = useMemo(
    () => (metric === undefined ? [] : [{ key: metric, runIds: shown.ids }]),
    [metric, shown.ids],
  );
  const lookOf = useMemo(() => {
    const looks = new Map([...runs].map(([id, run]) => [id, { id, ...run.look }]));
    return (id: string) => looks.get(id) ?? null;
  }, [runs]);
  const pinned = useMemo(() => new Set(state.pinned), [state.pinned]);
  if (metric === undefined) return null;
  return (
    <div className="shrink-0">
      <Panel
        title="Curves"
        hint={shown.words}
        padded={open}
        actions={
          <>
            <div className="w-52">
              <Select
                label="Metric"
                hideLabel
                options={metrics.map((name) => ({ value: name, label: name }))}
                value={metric}
                onChange={(name) => {
                  setWanted(name);
                  setZoom(null);
                }}
              />
            </div>
            <Button size="sm" icon={Maximize2} onClick={() => setQuery({ view: 'lines', metric: null })}>
              All curves
            </Button>
            <IconButton
              icon={open ? ChevronDown : ChevronUp}
              size="sm"
              label={open ? 'Fold the curves' : 'Show the curves'}
              onClick={() => setOpen(!open)}
            />
          </>
        }
      >
        {open ? (
          <LinePanel
            key={metric}
            title={metric}
            hideTitle
            sources={sources}
            lookOf={lookOf}
            x={xOf(state.x)}
            smoothing={state.smoothing}
            logX={state.logX}
            logY={state.logY}
            clip={state.clip}
            height={HEIGHT}
            zoom={zoom}
            onZoom={setZoom}
            highlight={highlight}
            pinned={pinned}
            onPick={(id) =>
              change({
                pinned: state.pinned.includes(id)
                  ? state.pinned.filter((one) => one !== id)
                  : [...state.pinned, id],
              })
            }
            syncKey="strip"
          />
        ) : null}
      </Panel>
    </div>
  );
}
