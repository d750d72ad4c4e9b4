/** What all curves of the page have in common: x, smoothing, scales, groups, which metrics, how many runs. */
import { PanelRight, RotateCcw } from 'lucide-react';
import type { RunKeys } from '../../../src-main/contract/runs-table.ts';
import type { GroupBand, GroupLine } from '../../charts/curve-groups.ts';
import { formatPercent } from '../../lib/format.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Select } from '../../ui/Select.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { groupChoices } from './column-choice.ts';
import type { ChangePart, LinesState } from './explore-state.ts';
import { Toggle } from './toggle.tsx';

const MOST = ['10', '25', '50', '100', '250', '500', '1000'];
const NO_GROUPS = '';

export function LinesToolbar({
  state,
  onChange,
  keys,
  curveKeys,
  selecting,
}: {
  state: LinesState;
  onChange: ChangePart<'lines'>;
  keys: RunKeys | null;
  /** Metrics that can lie along x. */
  curveKeys: readonly string[];
  /** Runs are selected, so that it is not asked how many of all. */
  selecting: boolean;
}) {
  const zoomed = Object.keys(state.zooms).length > 0;
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2">
      <Labelled label="x">
        <Select
          label="What lies along x"
          hideLabel
          value={state.x}
          onChange={(x) => onChange({ x, zooms: {} })}
          options={[
            { value: 'step', label: 'Step' },
            { value: 'time', label: 'Time' },
            { value: 'relative', label: 'Time since start' },
            ...curveKeys.map((key) => ({ value: `m:${key}`, label: key })),
          ]}
        />
      </Labelled>
      <div className="flex w-48 items-center gap-2 text-xs text-ink-2">
        <span aria-hidden="true">Smoothing</span>
        <Slider
          label="Smoothing"
          hideLabel
          min={0}
          max={0.99}
          step={0.01}
          value={state.smoothing}
          onChange={(smoothing) => onChange({ smoothing })}
          valueText={formatPercent(state.smoothing, 0)}
        />
        <span aria-hidden="true" className="num w-7 text-right text-ink-3">
          {state.smoothing.toFixed(2)}
        </span>
      </div>
      <div className="flex items-center gap-1">
        <Toggle label="Log x" on={state.logX} onChange={(logX) => onChange({ logX, zooms: {} })} />
        <Toggle label="Log y" on={state.logY} onChange={(logY) => onChange({ logY })} />
        <Toggle
          label="Clip outliers"
          title="The range of y leaves out the lowest and highest 5 % of the values"
          on={state.clip}
          onChange={(clip) => onChange({ clip })}
        />
      </div>
      <Labelled label="Group by">
        <Select
          label="Group by"
          hideLabel
          value={state.groupBy ?? NO_GROUPS}
          onChange={(groupBy) => onChange({ groupBy: groupBy === NO_GROUPS ? null : groupBy, pinned: [] })}
          options={[{ value: NO_GROUPS, label: 'Nothing' }, ...groupChoices(keys)]}
        />
      </Labelled>
      {state.groupBy === null ? null : (
        <div className="flex items-center gap-2">
          <Select<GroupLine>
            label="Line of a group"
            hideLabel
            value={state.line}
            onChange={(line) => onChange({ line })}
            options={[
              { value: 'mean', label: 'Mean' },
              { value: 'median', label: 'Median' },
            ]}
          />
          <Select<GroupBand>
            label="Band of a group"
            hideLabel
            value={state.band}
            onChange={(band) => onChange({ band })}
            options={[
              { value: 'min-max', label: 'Min to max' },
              { value: 'std', label: '± standard deviation' },
              { value: 'none', label: 'No band' },
            ]}
          />
        </div>
      )}
      <div className="ml-auto flex items-center gap-2">
        {zoomed ? (
          <Button variant="ghost" icon={RotateCcw} onClick={() => onChange({ zooms: {} })}>
            Whole range
          </Button>
        ) : null}
        {selecting ? null : (
          <Labelled label="Runs">
            <Select
              label="How many runs"
              hideLabel
              value={String(state.most)}
              onChange={(most) => onChange({ most: Number(most) })}
              options={MOST.map((value) => ({ value, label: value }))}
            />
          </Labelled>
        )}
        <div className="w-44">
          <TextField
            label="Find a metric"
            hideLabel
            type="search"
            placeholder="Find a metric"
            value={state.search}
            onChange={(search) => onChange({ search })}
          />
        </div>
        <IconButton
          icon={PanelRight}
          label={state.list ? 'Hide the list of runs' : 'Show the list of runs'}
          pressed={state.list}
          onClick={() => onChange({ list: !state.list })}
        />
      </div>
    </div>
  );
}

export function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex max-w-64 items-center gap-2 text-xs whitespace-nowrap text-ink-2">
      <span aria-hidden="true">{label}</span>
      {children}
    </div>
  );
}
