/** Works out what is looked at: which windows have rows, on which version's grid they are seen, against which reference. */
import { LatheError } from '../../../contract/errors.ts';
import { SPANS, WINDOW_SIZE_MS, type WindowSize } from '../../../contract/monitoring-series.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { PanesStore } from './panes.store.ts';
import { comparedWith, type WatchedFeature, type WatchPlan } from './plans.ts';
import type { createTimelines, View, WindowRows } from './timelines.ts';

/** A reference that live values are compared with; its profile is a ReferenceProfile, not parsed yet. */
export type ActiveReference = { id: string; title: string; profile: unknown };
/** The one with that id, or the active one without; null when there is none. */
export type FindReference = (model: string, version: string, id?: string) => ActiveReference | null;

export type Wanted = {
  endpoint: string;
  per: WindowSize;
  arm?: string | undefined;
  reference?: string | undefined;
  fromMs?: number | undefined;
  toMs?: number | undefined;
};

/** What is seen of an endpoint. */
export type Sight = {
  view: View;
  /** Of the arm, or of all. */
  rows: WindowRows[];
  /** Windows with rows, rising. */
  windows: number[];
  /** A later window has rows. */
  isComplete(windowMs: number): boolean;
  /** All windows of the span that ends with it could have had rows. */
  isWhole(windowMs: number): boolean;
  /** Version whose grid it is; null without one. */
  version: string | null;
  referenceTitle: string;
};

/** Windows that are looked at when nothing is said. */
export const SIGHT_WINDOWS: Readonly<Record<WindowSize, number>> = { minute: 360, hour: 336, day: 366 };
const OWN_REFERENCE = 'the reference that came with the version';

export function createViews(ports: {
  endpoint(name: string): EndpointRecord;
  plan(model: string, version: string): WatchPlan;
  reference: FindReference;
  panes: PanesStore;
  timelines: ReturnType<typeof createTimelines>;
}) {
  /** By reference; a version's plan is another one as soon as its references change. */
  const compared = new WeakMap<WatchPlan, Map<string, WatchedFeature[]>>();

  function featuresOf(record: EndpointRecord, version: string, id: string | undefined) {
    const plan = ports.plan(record.model, version);
    const found = ports.reference(record.model, version, id);
    if (id !== undefined && !found) throw new LatheError('LATHE_NOT_FOUND', { kind: 'reference', name: id });
    if (!found) return { features: plan.features, id: '', title: OWN_REFERENCE };
    const known = compared.get(plan) ?? new Map<string, WatchedFeature[]>();
    compared.set(plan, known);
    const features = known.get(found.id) ?? comparedWith(plan, found.profile);
    known.set(found.id, features);
    return { features, id: found.id, title: found.title };
  }

  return async ({ endpoint, per, arm, reference, fromMs, toMs }: Wanted): Promise<Sight> => {
    const record = ports.endpoint(endpoint);
    const size = WINDOW_SIZE_MS[per];
    const newest = ports.panes.watched(record.id)?.lastEventMs ?? 0;
    const newestWindow = Math.floor(newest / size) * size;
    const to = Math.min(toMs ?? newestWindow, newestWindow);
    const from = fromMs ?? to - (SIGHT_WINDOWS[per] - 1) * size;
    const place = { endpointId: record.id, per, arm: arm ?? null };
    const { rows, versions: found } = await ports.timelines.rows({ ...place, fromMs: from, toMs: to });
    const first = ports.panes.firstWindow(record.id, per);
    const versions = new Set([
      ...record.arms.filter(({ key }) => arm === undefined || key === arm).map((each) => each.version),
      ...found,
    ]);
    const version = [...versions].find((each) => ports.plan(record.model, each).features.length > 0) ?? null;
    const seen = version === null ? null : featuresOf(record, version, reference);
    const features = (seen?.features ?? []).map((feature) => ({
      ...feature,
      versions: [...versions].filter((each) =>
        ports
          .plan(record.model, each)
          .features.some(({ name, gridId }) => name === feature.name && gridId === feature.gridId),
      ),
    }));
    return {
      view: {
        ...place,
        features,
        key: JSON.stringify([record.id, per, arm ?? null, version, seen?.id, [...versions].sort()]),
      },
      rows,
      windows: rows.map(({ windowMs }) => windowMs),
      isComplete: (windowMs) => windowMs < newestWindow,
      isWhole: (windowMs) => first !== null && windowMs - (SPANS[per] - 1) * size >= first,
      version,
      referenceTitle: seen?.title ?? OWN_REFERENCE,
    };
  };
}

/** Throws LATHE_NOT_FOUND for a feature that is not watched. */
export function featureOf(sight: Sight, name: string): View['features'][number] {
  const feature = sight.view.features.find((each) => each.name === name);
  if (!feature) throw new LatheError('LATHE_NOT_FOUND', { kind: 'watched feature', name });
  return feature;
}
