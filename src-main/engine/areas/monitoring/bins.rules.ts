/**
 * A window's panes merged to their bins, of all features in one blob. Drift scores but Kolmogorov–Smirnov's need no more,
 * and a twentieth is read. Which features it has, and by which layout of bins, is said once for all windows by a plan, so
 * that one is told apart whose bins are others': two versions may have the same cells and other bins.
 */
import { type Binning, binCounts } from './drift.rules.ts';
import { addTo, type StoredStretch, type Target } from './pane.rules.ts';

/** What is needed of a feature to bin its panes. */
export type Layout = Pick<Binning, 'bins' | 'binOfCell'> & { layoutId: number };
/** By feature. */
export type Layouts = ReadonlyMap<string, Layout>;
/** A feature's place in a plan: `id` is of its name, and its counts are the `bins` from `first` on. */
export type Planned = { id: number; layoutId: number; first: number; bins: number };

/** Of each feature of a stored plan: u32 id, u32 layout, u8 bins. */
const PLANNED = 9;

/** FNV-1a of where each cell goes. */
export function layoutIdOf({ bins, binOfCell }: Pick<Binning, 'bins' | 'binOfCell'>): number {
  let hash = 0x811c9dc5 ^ bins.length;
  for (const bin of binOfCell) hash = Math.imul(hash ^ bin, 0x01000193);
  // Small enough to be an integer of the engine, that is compared without being unpacked.
  return hash >>> 1;
}

/** How windows are binned. */
export type BinPlan = {
  /** As stored. */
  layout: Uint8Array;
  /** Bins of all features together. */
  size: number;
  features: readonly string[];
  /** By which the features stand in blobs. */
  ids: readonly number[];
  /** Sets a feature's bins; one that is not planned is passed over. Of a pane with more cells, which is of another grid, they are empty. */
  put(bins: Float64Array, feature: string, counts: Uint32Array): void;
  /** Adds a stored pane to the bins of its feature, which is told by its name or the id of that. */
  add(bins: Float64Array, feature: string | number, pane: StoredStretch): void;
};

export function binPlanOf(layouts: Layouts, idOf: (feature: string) => number): BinPlan {
  const layout = new Uint8Array(layouts.size * PLANNED);
  const view = new DataView(layout.buffer);
  const places = new Map<string | number, Target & { bins: Layout }>();
  const ids: number[] = [];
  let size = 0;
  let at = 0;
  for (const [feature, bins] of layouts) {
    const id = idOf(feature);
    ids.push(id);
    view.setUint32(at, id, true);
    view.setUint32(at + 4, bins.layoutId, true);
    view.setUint8(at + 8, bins.bins.length);
    const place = { first: size, binOfCell: bins.binOfCell, bins };
    places.set(feature, place).set(id, place);
    size += bins.bins.length;
    at += PLANNED;
  }
  return {
    ...{ layout, size, features: [...layouts.keys()], ids },
    put(into, feature, counts) {
      const place = places.get(feature);
      if (!place) return;
      const { first, bins, binOfCell } = place;
      const fits = counts.subarray(binOfCell.length).every((count) => count === 0);
      const own = into.subarray(first, first + bins.bins.length);
      binCounts(bins, fits ? counts.subarray(0, binOfCell.length) : [], own);
    },
    add(into, feature, pane) {
      const place = places.get(feature);
      if (place) addTo(into, pane, place);
    },
  };
}

/** What a stored plan says. */
export function plannedOf(layout: Uint8Array): Planned[] {
  const view = new DataView(layout.buffer, layout.byteOffset, layout.byteLength);
  const planned: Planned[] = [];
  let first = 0;
  for (let at = 0; at < layout.length; at += PLANNED) {
    const bins = view.getUint8(at + 8);
    planned.push({ id: view.getUint32(at, true), layoutId: view.getUint32(at + 4, true), first, bins });
    first += bins;
  }
  return planned;
}

/** Of every bin, empty ones too: how many bytes a count takes, and then the counts, little-endian. */
export function encodeBins(bins: Float64Array): Uint8Array {
  let most = 0;
  for (let bin = 0; bin < bins.length; bin++) most = Math.max(most, bins[bin] as number);
  const width = most < 2 ** 8 ? 1 : most < 2 ** 16 ? 2 : 8;
  const stored = new Uint8Array(1 + bins.length * width);
  stored[0] = width;
  if (width === 1) stored.set(bins, 1);
  else {
    const view = new DataView(stored.buffer, 1);
    for (let bin = 0; bin < bins.length; bin++)
      if (width === 2) view.setUint16(2 * bin, bins[bin] as number, true);
      else view.setFloat64(8 * bin, bins[bin] as number, true);
  }
  return stored;
}

/** Where `count` stored bins from `from` on go: to `to` and on. */
export type Run = { from: number; to: number; count: number };

/** Adds stored bins, from `at` on, to `into`. Nothing is called within the loops: they run for each of a million bins. */
export function addBins(into: Float64Array, stored: Uint8Array, at: number, runs: readonly Run[]): void {
  const width = stored[at] as number;
  const first = at + 1;
  for (const { from, to, count } of runs) {
    if (width === 1)
      for (let bin = 0, next = first + from; bin < count; bin++, next++)
        into[to + bin] = (into[to + bin] as number) + (stored[next] as number);
    else if (width === 2)
      for (let bin = 0, next = first + 2 * from; bin < count; bin++, next += 2)
        into[to + bin] =
          (into[to + bin] as number) + ((stored[next] as number) | ((stored[next + 1] as number) << 8));
    else {
      const view = new DataView(stored.buffer, stored.byteOffset + first);
      for (let bin = 0; bin < count; bin++)
        into[to + bin] = (into[to + bin] as number) + view.getFloat64(8 * (from + bin), true);
    }
  }
}

// ---- chunks: windows that follow one another in one blob, as a row for each costs more than to add its bins up ------------

/** Windows of a chunk. */
const CHUNK = 32;
/** Of each window that is in a chunk: u8 which, u32 plan, u32 bytes of bins; they rise. */
const CHUNK_HEAD = 9;

/** Where the chunk begins that has the window, and which of its windows this is. */
export function chunkOf(windowMs: number, sizeMs: number): { chunkMs: number; at: number } {
  const all = CHUNK * sizeMs;
  const chunkMs = Math.floor(windowMs / all) * all;
  return { chunkMs, at: (windowMs - chunkMs) / sizeMs };
}

/** `from` and `to` are where the bins are in the blob. */
export function eachBinned(
  chunk: Uint8Array,
  seen: (window: number, plan: number, from: number, to: number) => void,
): void {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  let at = 0;
  while (at < chunk.length) {
    const from = at + CHUNK_HEAD;
    const to = from + view.getUint32(at + 5, true);
    seen(view.getUint8(at), view.getUint32(at + 1, true), from, to);
    at = to;
  }
}

/** The chunk with these bins of a window in the place of those that it had; null is none. */
export function withBins(
  chunk: Uint8Array,
  window: number,
  binned: { plan: number; bins: Uint8Array } | null,
): Uint8Array {
  let before = 0;
  let after = 0;
  eachBinned(chunk, (each, _plan, _from, to) => {
    if (each < window) before = to;
    if (each <= window) after = to;
  });
  const head = new Uint8Array(binned ? CHUNK_HEAD : 0);
  if (binned) {
    const view = new DataView(head.buffer);
    view.setUint8(0, window);
    view.setUint32(1, binned.plan, true);
    view.setUint32(5, binned.bins.length, true);
  }
  return Buffer.concat([
    chunk.subarray(0, before),
    head,
    binned?.bins ?? new Uint8Array(0),
    chunk.subarray(after),
  ]);
}
