/** Canvases that are drawn on another thread; see painter-worker.ts. */
import type { FromPainter, PaintItem, ToPainter } from './painter-items.ts';

export type Surface = {
  /** Shows the items as soon as they are drawn; what was shown before stays until then. Takes their memory. */
  paint(size: { width: number; height: number }, items: PaintItem[]): void;
  close(): void;
};

let worker: Worker | null = null;
let nextId = 1;
const painted = new Map<number, () => void>();

function painter(): Worker {
  if (worker) return worker;
  worker = new Worker(new URL('./painter-worker.ts', import.meta.url), { type: 'module', name: 'painter' });
  worker.addEventListener('message', ({ data }: MessageEvent<FromPainter>) => painted.get(data.id)?.());
  return worker;
}

const tell = (message: ToPainter, transfer: Transferable[]): void => painter().postMessage(message, transfer);

/** Takes a canvas that has no context yet. `onPainted` is told whenever a picture is complete. */
export function openSurface(element: HTMLCanvasElement, onPainted: () => void = () => {}): Surface {
  const id = nextId++;
  const canvas = element.transferControlToOffscreen();
  tell({ kind: 'open', id, canvas }, [canvas]);
  painted.set(id, onPainted);
  return {
    paint({ width, height }, items) {
      const memory = new Set<ArrayBuffer>();
      for (const { points, colors } of items) {
        memory.add(points.buffer as ArrayBuffer);
        if (colors) memory.add(colors.buffer as ArrayBuffer);
      }
      const job = { width, height, ratio: window.devicePixelRatio || 1, items };
      tell({ kind: 'paint', id, job }, [...memory]);
    },
    close() {
      painted.delete(id);
      tell({ kind: 'close', id }, []);
    },
  };
}
