/** When a rule fires: beyond a limit, moved from what it was, or using up its allowance too fast. */
import type { AlertCondition } from '../../../src-main/contract/alerts.ts';
import { unitOf, WINDOW_WORD } from '../../lib/series-words.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Select } from '../../ui/Select.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { mayBurn, type RuleDraft, seriesOf } from './rule-draft.ts';
import type { FieldsProps } from './series-fields.tsx';

type Kind = AlertCondition['kind'];

export function ConditionFields({ draft, set, error }: FieldsProps) {
  const share = unitOf(seriesOf(draft)) === 'share';
  const unit = share ? ', %' : '';
  const number = (field: keyof RuleDraft, label: string, help?: string) => (
    <TextField
      label={label}
      value={String(draft[field])}
      onChange={(value) => set({ [field]: value })}
      inputMode="decimal"
      error={error(field)}
      {...(help ? { help } : {})}
    />
  );
  const windows = `${WINDOW_WORD[draft.per]}s`;
  return (
    <section aria-label="When it fires" className="flex flex-col gap-3 border-t border-line pt-4">
      <div>
        <SegmentedControl<Kind>
          label="Condition"
          value={draft.kind}
          onChange={(kind) =>
            set({ kind, ...(kind === 'change' && draft.by === '' ? { by: share ? '5' : '0.1' } : {}) })
          }
          options={[
            { value: 'threshold', label: 'Beyond a limit' },
            { value: 'change', label: 'Moved from what it was' },
            {
              value: 'burn-rate',
              label: 'Burn rate',
              disabled: draft.kind !== 'burn-rate' && !mayBurn(draft),
            },
          ]}
        />
      </div>
      {draft.kind === 'threshold' ? (
        <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
          <Select
            label="Fires"
            value={draft.beyond}
            onChange={(beyond) => set({ beyond })}
            options={[
              { value: 'above', label: 'above' },
              { value: 'below', label: 'below' },
            ]}
          />
          {number('value', `Limit${unit}`)}
          {number('exit', `Over again at${unit}`, 'Empty: a fifth nearer to the good side.')}
        </div>
      ) : null}
      {draft.kind === 'change' ? (
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <Select
            label="Compared with"
            value={draft.from}
            onChange={(from) => set({ from })}
            options={[
              { value: 'reference', label: 'The reference' },
              { value: 'previous', label: `The ${WINDOW_WORD[draft.per]} before` },
              { value: 'week-before', label: 'The same time a week before' },
            ]}
          />
          <Select
            label="Direction"
            value={draft.moved}
            onChange={(moved) => set({ moved })}
            options={[
              { value: 'down', label: 'down' },
              { value: 'up', label: 'up' },
              { value: 'either', label: 'up or down' },
            ]}
          />
          {number('by', draft.relative ? 'By more than, %' : share ? 'By more than, points' : 'By more than')}
          <Select
            label="Measured"
            value={draft.relative ? 'relative' : 'absolute'}
            onChange={(value) => set({ relative: value === 'relative' })}
            options={[
              { value: 'absolute', label: share ? 'in percentage points' : 'in the series’ unit' },
              { value: 'relative', label: 'as a share of what it was' },
            ]}
          />
        </div>
      ) : null}
      {draft.kind === 'burn-rate' ? (
        <div className="flex flex-col gap-2">
          <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
            {number('objective', 'Objective, % good rows')}
            {number('rate', 'Times too fast')}
            {number('minEvents', 'Rows at least')}
            {number('longWindows', `Long span, ${windows}`)}
            {number('shortWindows', `Short span, ${windows}`)}
          </div>
          <p className="text-xs text-ink-3">
            The share of bad rows is divided by what the objective allows. It fires when the rate is too high
            in both spans: the long one says that it matters, the short one that it still goes on.
          </p>
        </div>
      ) : null}
      <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
        {number('forWindows', `Fires after, ${windows}`, 'in which it holds without a break')}
        {number('keepWindows', `Is over after, ${windows}`, 'in which it is away')}
        {number('minN', 'Rows at least', 'or the window is skipped')}
      </div>
    </section>
  );
}
