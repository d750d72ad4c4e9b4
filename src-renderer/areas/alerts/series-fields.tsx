/** Which series a rule looks at: kind, feature or metric, window, arm and slice. */
import {
  EstimatedMetric,
  FrozenMethod,
  PerformanceMetric,
  QualityMeasure,
  type SeriesRef,
  type WindowSize,
} from '../../../src-main/contract/monitoring-series.ts';
import { useData } from '../../lib/query.ts';
import { DRIFT, featureName, METRICS, QUALITY, SPAN_WORD } from '../../lib/series-words.ts';
import { Select } from '../../ui/Select.tsx';
import { mayNameAll, maySlice, type RuleDraft, sensible } from './rule-draft.ts';

const KINDS: readonly { value: SeriesRef['of']; label: string }[] = [
  { value: 'drift', label: 'Drift of an input or the prediction' },
  { value: 'drifted-share', label: 'Share of inputs that drifted' },
  { value: 'quality', label: 'Data quality of an input' },
  { value: 'mean', label: 'Mean of an input or the prediction' },
  { value: 'performance', label: 'Performance, with labels' },
  { value: 'estimated', label: 'Performance, estimated without labels' },
  { value: 'volume', label: 'Rows served' },
  { value: 'business', label: 'A business metric' },
];

const PER: readonly { value: WindowSize; label: string }[] = [
  { value: 'minute', label: `Minute (the ${SPAN_WORD.minute} that end with it)` },
  { value: 'hour', label: `Hour (${SPAN_WORD.hour})` },
  { value: 'day', label: `Day (${SPAN_WORD.day})` },
];

export type FieldsProps = {
  draft: RuleDraft;
  set: (patch: Partial<RuleDraft>) => void;
  error: (field: keyof RuleDraft) => string | null;
};

type Props = FieldsProps & { endpoints: readonly string[]; fixedEndpoint: boolean };

export function SeriesFields({ draft, set, error, endpoints, fixedEndpoint }: Props) {
  const { endpoint, of } = draft;
  const known = endpoint !== '';
  const features = useData(
    ['monitoring', 'drift', endpoint],
    (rpc, signal) => rpc.monitoring.drift({ endpoint }, { signal }),
    { enabled: known },
  );
  const serving = useData(
    ['serving', 'get', endpoint],
    (rpc, signal) => rpc.serving.get({ name: endpoint }, { signal }),
    { enabled: known },
  );
  const slices = useData(
    ['monitoring', 'slices', endpoint],
    (rpc, signal) => rpc.slices.list({ endpoint }, { signal }),
    {
      enabled: known && maySlice(of),
    },
  );
  const business = useData(
    ['monitoring', 'business', endpoint],
    (rpc, signal) => rpc.businessMetrics.list({ endpoint }, { signal }),
    { enabled: known && of === 'business' },
  );
  const featureOptions = [
    ...(mayNameAll(of)
      ? [{ value: '*', label: 'Any input (an alert for each)' }]
      : [{ value: '', label: 'Choose one' }]),
    ...named(features.data?.map(({ feature }) => feature) ?? [], draft.feature).map((value) => ({
      value,
      label: featureName(value),
    })),
  ];
  return (
    <section aria-label="Series" className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
      <Select
        label="Endpoint"
        value={endpoint}
        disabled={fixedEndpoint}
        onChange={(value) => set({ endpoint: value, arm: '', slice: '' })}
        options={endpoints.map((value) => ({ value, label: value }))}
      />
      <Select
        label="What is watched"
        value={of}
        onChange={(value) => set({ of: value, ...sensible(value) })}
        options={KINDS}
      />
      {of === 'drift' || of === 'quality' || of === 'mean' ? (
        <Select
          label="Feature"
          value={draft.feature}
          onChange={(feature) => set({ feature })}
          options={featureOptions}
          error={error('feature')}
        />
      ) : null}
      {of === 'drift' ? (
        <Select
          label="Score"
          value={draft.method}
          onChange={(method) => set({ method })}
          options={FrozenMethod.options.map((value) => ({ value, label: DRIFT[value] ?? value }))}
        />
      ) : null}
      {of === 'quality' ? (
        <Select
          label="Share of rows with"
          value={draft.measure}
          onChange={(measure) => set({ measure })}
          options={QualityMeasure.options.map((value) => ({ value, label: QUALITY[value] }))}
        />
      ) : null}
      {of === 'performance' || of === 'estimated' ? (
        <Select
          label="Metric"
          value={draft.metric}
          onChange={(metric) => set({ metric })}
          options={(of === 'performance' ? PerformanceMetric : EstimatedMetric).options.map((value) => ({
            value,
            label: METRICS[value].title,
          }))}
        />
      ) : null}
      {of === 'business' ? (
        <Select
          label="Metric"
          value={draft.business}
          onChange={(value) => set({ business: value })}
          error={
            business.data?.length === 0 ? 'This endpoint has no business metric yet.' : error('business')
          }
          options={[
            { value: '', label: 'Choose one' },
            ...named(business.data?.map(({ name }) => name) ?? [], draft.business).map((value) => ({
              value,
              label: value,
            })),
          ]}
        />
      ) : null}
      <Select label="Judged each" value={draft.per} onChange={(per) => set({ per })} options={PER} />
      <Select
        label="Arm"
        value={draft.arm}
        onChange={(arm) => set({ arm })}
        options={[
          { value: '', label: 'All arms together' },
          ...named(serving.data?.arms.map(({ key }) => key) ?? [], draft.arm).map((value) => ({
            value,
            label: value,
          })),
        ]}
      />
      {maySlice(of) ? (
        <Select
          label="Slice"
          value={draft.slice}
          onChange={(slice) => set({ slice })}
          options={[
            { value: '', label: 'All rows' },
            ...(slices.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      ) : null}
    </section>
  );
}

/** The names there are, and the present one even when it is gone. */
const named = (names: readonly string[], present: string): string[] => [
  ...new Set([...names, ...(present === '' || present === '*' ? [] : [present])]),
];
