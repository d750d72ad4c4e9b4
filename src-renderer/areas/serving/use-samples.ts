/** The last two minutes of an endpoint: what was there before the view opened, and every second since. */
import { useEffect, useState } from 'react';
import type { LiveSample } from '../../../src-main/contract/serving.ts';
import { rpc, useConnection } from '../../lib/rpc.ts';
import { useLive } from '../../lib/use-live.ts';
import { mergeSamples } from './live-figures.ts';

export const SPAN_MS = 120_000;

/** Null until the past is known. */
export function useSamples(name: string): readonly LiveSample[] | null {
  const { epoch, state } = useConnection();
  const [kept, setKept] = useState<{ name: string; samples: readonly LiveSample[] } | null>(null);
  // Also after the connection was lost: what happened meanwhile is asked for again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: epoch changes with each new connection.
  useEffect(() => {
    if (state !== 'online') return;
    const abort = new AbortController();
    const add = (recent: readonly LiveSample[]) =>
      setKept((old) => ({
        name,
        samples: mergeSamples(recent, old?.name === name ? old.samples : [], SPAN_MS),
      }));
    rpc.serving.recent({ name }, { signal: abort.signal }).then(
      (recent) => {
        if (!abort.signal.aborted) add(recent);
      },
      // Only the past is missing then; the live samples fill the charts.
      () => undefined,
    );
    return () => abort.abort();
  }, [name, state, epoch]);
  useLive<LiveSample>(
    name,
    (client, signal) => client.serving.live({ name }, { signal }),
    (sample) =>
      setKept((old) => ({
        name,
        samples: mergeSamples(old?.name === name ? old.samples : [], [sample], SPAN_MS),
      })),
  );
  return kept?.name === name ? kept.samples : null;
}
