/**
 * A window's panes merged to their bins, of all features in one blob. Drift scores but Kolmogorov–Smirnov's need no more,
 * and a twentieth is read. Each entry says by which layout of bins it was made, so that one of another is told apart: two
 * versions may have the same cells and other bins.
 */
import { type Binning, binCounts } from './drift.rules.ts';
import { encodeCounts, type StoredStretch } from './pane.rules.ts';

/** What is needed of a feature to bin its panes. */
export type Layout = Pick<Binning, 'bins' | 'binOfCell'> & { layoutId: number };
/** By feature. */
export type Layouts = ReadonlyMap<string, Layout>;

/** Of each entry: u32 id of its feature, u32 layout, u8 bytes of counts. */
const HEAD = 9;
/** No layout's id: of a pane whose layout was not known, which is to be read itself. */
const UNBINNED = 2 ** 31;

/** FNV-1a of where each cell goes. */
export function layoutIdOf({ bins, binOfCell }: Pick<Binning, 'bins' | 'binOfCell'>): number {
  let hash = 0x811c9dc5 ^ bins.length;
  for (const bin of binOfCell) hash = Math.imul(hash ^ bin, 0x01000193);
  // Small enough to be an integer of the engine, that is compared without being unpacked.
  return hash >>> 1;
}

/** Of a pane with more cells than the layout, which is of another grid, it is empty. */
export function binEntry(id: number, layout: Layout | undefined, counts: Uint32Array): Uint8Array {
  const cells = layout?.binOfCell.length ?? 0;
  const fits = layout !== undefined && counts.subarray(cells).every((count) => count === 0);
  const packed = fits ? encodeCounts(binCounts(layout, counts.subarray(0, cells))) : new Uint8Array(0);
  const entry = new Uint8Array(HEAD + packed.length);
  const view = new DataView(entry.buffer);
  view.setUint32(0, id, true);
  view.setUint32(4, layout?.layoutId ?? UNBINNED, true);
  view.setUint8(8, packed.length);
  entry.set(packed, HEAD);
  return entry;
}

/** The blob with the entries of these features in the place of theirs. */
export function mergeEntries(blob: Uint8Array, entries: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = [];
  eachEntry(blob, (id, _layoutId, { from, to }) => {
    if (!entries.has(id)) parts.push(blob.subarray(from - HEAD, to));
  });
  return Buffer.concat([...parts, ...entries.values()]);
}

/** The stretch is one object that is used again. */
export function eachEntry(
  blob: Uint8Array,
  seen: (id: number, layoutId: number, counts: StoredStretch) => void,
): void {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const stretch: StoredStretch = { form: 1, counts: blob, from: 0, to: 0 };
  while (stretch.to < blob.length) {
    const at = stretch.to;
    stretch.from = at + HEAD;
    stretch.to = stretch.from + view.getUint8(at + 8);
    seen(view.getUint32(at, true), view.getUint32(at + 4, true), stretch);
  }
}
