/** What the painter's thread is told to draw: coordinates in CSS pixels from the surface's top left. */

type Looks = {
  /** Colours that `colors` points into; only the first where there is no `colors`. */
  palette: readonly string[];
  /** Place in the palette of each line or dot. */
  colors?: Uint8Array;
  alpha: number;
};

export type PaintItem = Looks &
  (
    | {
        kind: 'lines';
        /** x, y of each vertex. NaN lifts the pen. */
        points: Float32Array;
        /** Vertices of each line; all of them are one line when left out. */
        each?: number;
        width: number;
        dash?: readonly number[];
      }
    /** Filled between two edges: x, low, high of each vertex. */
    | { kind: 'area'; points: Float32Array }
    /** Upright strokes: x, low, high of each. */
    | { kind: 'strokes'; points: Float32Array; width: number }
    | { kind: 'dots'; points: Float32Array; radius: number; hollow?: boolean }
  );

export type PaintJob = {
  width: number;
  height: number;
  /** Device pixels in a CSS pixel. */
  ratio: number;
  items: PaintItem[];
};

export type ToPainter =
  | { kind: 'open'; id: number; canvas: OffscreenCanvas }
  | { kind: 'paint'; id: number; job: PaintJob }
  | { kind: 'close'; id: number };

/** The picture is complete. */
export type FromPainter = { id: number };
