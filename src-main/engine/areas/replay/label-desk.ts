/**
 * Hands labels to monitoring. A label can be there before its prediction is committed: it waits, up to a
 * minute, and is tried again; then its prediction was lost with a gateway that was killed, and so is the label.
 */
import type { Logger } from '../../../platform/log.ts';
import type { LabelService } from '../labels/index.ts';
import type { ReplayLabel } from './replay-messages.ts';

const RETRY_MS = 500;
const MAX_TRIES = 120;
const BATCH = 500;

type Waiting = ReplayLabel & { tries: number };

export function createLabelDesk(deps: {
  push: LabelService['push'];
  joined(count: number): void;
  log: Logger;
}) {
  let fresh: Waiting[] = [];
  let waiting: Waiting[] = [];
  let busy = false;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      while (fresh.length > 0 && !closed) await submit(fresh.splice(0, BATCH));
    } finally {
      busy = false;
    }
  }

  async function submit(batch: Waiting[]): Promise<void> {
    let unknown = new Set<string>();
    try {
      const result = await deps.push(batch, 'replay');
      unknown = new Set(result.unknown);
      if (result.joined > 0) deps.joined(result.joined);
      const [refused] = result.refused;
      if (refused)
        deps.log.warn(
          { labels: result.refused.length, reason: refused.reason },
          'labels are not of the task',
        );
    } catch (thrown) {
      deps.log.warn({ err: thrown }, 'labels could not be joined yet');
      unknown = new Set(batch.map(({ predictionId }) => predictionId));
    }
    const again = batch.filter(({ predictionId, tries }) => unknown.has(predictionId) && tries < MAX_TRIES);
    if (again.length < unknown.size)
      deps.log.warn({ labels: unknown.size - again.length }, 'labels of predictions that were never logged');
    waiting.push(...again.map((label) => ({ ...label, tries: label.tries + 1 })));
    if (waiting.length > 0 && !timer && !closed) {
      timer = setTimeout(() => {
        timer = null;
        fresh = [...waiting, ...fresh];
        waiting = [];
        void work();
      }, RETRY_MS);
      timer.unref();
    }
  }

  return {
    add(labels: readonly ReplayLabel[]): void {
      for (const label of labels) fresh.push({ ...label, tries: 0 });
      void work();
    },
    close(): void {
      closed = true;
      if (timer) clearTimeout(timer);
    },
  };
}
