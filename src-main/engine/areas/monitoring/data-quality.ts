/** Data quality: what is wrong with each feature's values over the newest complete span, and how fresh they are. */
import type { DataQuality, FeatureQuality } from '../../../contract/monitoring.ts';
import { missingOf, orNull, referenceMissing, share } from './drift.ts';
import { findingOf } from './findings.rules.ts';
import type { Losses } from './losses.store.ts';
import type { PanesStore, Watched } from './panes.store.ts';
import { LOOK_BACK_MS, stalenessOf } from './staleness.rules.ts';
import { fact } from './timeline.rules.ts';
import { type createTimelines, spanMs, type View } from './timelines.ts';
import type { Sight } from './views.ts';

type Feature = View['features'][number];

/** Where nothing is complete yet, what there is is told. */
export async function dataQuality(
  ports: { timelines: ReturnType<typeof createTimelines>; panes: PanesStore; losses: Losses; nowMs: number },
  sight: Sight,
): Promise<DataQuality> {
  const { view } = sight;
  const windowMs = sight.windows.findLast(sight.isComplete) ?? sight.windows.at(-1) ?? null;
  const facts =
    windowMs === null
      ? new Map<string, Float64Array[]>()
      : await ports.timelines.facts(view, view.features, [windowMs]);
  const span = sight.rows.filter(
    (row) => windowMs !== null && row.windowMs <= windowMs && row.windowMs > windowMs - spanMs(view.per),
  );
  const sum = (of: 'skewed' | 'unlogged') => span.reduce((all, row) => all + row[of], 0);
  const watched = ports.panes.watched(view.endpointId);
  return {
    per: view.per,
    windowMs,
    features: view.features.flatMap((feature) => {
      const own = facts.get(feature.name)?.[0];
      return own ? [qualityOf(feature, own)] : [];
    }),
    lastEventMs: watched?.lastEventMs ?? null,
    lastReceivedMs: watched?.lastReceivedMs ?? null,
    staleness: watched && (await stalenessNow(ports, view.endpointId, watched)),
    skewedRows: sum('skewed'),
    losses: ports.losses,
    countedOnly: sum('unlogged'),
  };
}

async function stalenessNow(
  { timelines, nowMs }: { timelines: ReturnType<typeof createTimelines>; nowMs: number },
  endpointId: number,
  watched: Watched,
): Promise<DataQuality['staleness']> {
  const { lastEventMs: toMs } = watched;
  const { rows } = await timelines.rows({
    ...{ endpointId, per: 'hour', arm: null, fromMs: toMs - LOOK_BACK_MS, toMs },
  });
  return stalenessOf({ ...watched, nowMs, hours: rows.map(({ windowMs }) => windowMs) });
}

function qualityOf(feature: Feature, facts: Float64Array): FeatureQuality {
  const { reference, baseline } = feature;
  const n = fact(facts, 'n');
  const of = (field: Parameters<typeof fact>[1]) => share(fact(facts, field), n);
  const shares = {
    ...{ feature: feature.name, kind: feature.kind, n, notFinite: of('notFinite') },
    missing: share(missingOf(feature, facts), n),
    ...{ wrongType: of('wrongType'), outOfRange: of('outOfRange'), unseen: of('unseen') },
    referenceMissing: referenceMissing(feature),
    referenceOutOfRange:
      reference.kind === 'numeric' ? share(reference.below + reference.above, baseline.referenceN) : 0,
    constant: isConstant(feature, facts),
  };
  return { ...shares, finding: findingOf(shares) };
}

/** One value in all rows, where the reference had several. Of panes from before extremes were kept it is not known. */
function isConstant({ reference }: Feature, facts: Float64Array): boolean {
  if (fact(facts, 'present') < 2) return false;
  if (reference.kind === 'categorical') {
    const several =
      reference.categories.filter(([, count]) => count > 0).length + Number(reference.other > 0) > 1;
    // Of values in the cells of others it cannot be told whether they are one.
    return (
      several &&
      fact(facts, 'cells') === 1 &&
      fact(facts, 'present') === fact(facts, 'n') &&
      fact(facts, 'unseen') === 0
    );
  }
  const several = reference.counts.filter((count) => count > 0).length > 1;
  const low = orNull(fact(facts, 'min'));
  return several && low !== null && !Number.isNaN(fact(facts, 'deviation')) && low === fact(facts, 'max');
}
