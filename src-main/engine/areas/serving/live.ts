/** The last two minutes of every endpoint, one sample a second, and whoever watches them. */
import type { LiveSample } from '../../../contract/serving.ts';
import { type EndpointRecord, type GatewayStats, liveSample } from './serving.rules.ts';

const KEPT = 120;

export function createLive() {
  const rings = new Map<string, LiveSample[]>();
  const listeners = new Set<(sample: LiveSample) => void>();
  return {
    take(endpoints: readonly EndpointRecord[], stats: GatewayStats): void {
      const names = new Set(endpoints.map(({ name }) => name));
      for (const name of rings.keys()) if (!names.has(name)) rings.delete(name);
      for (const endpoint of endpoints) {
        if (!endpoint.enabled) continue;
        const sample = liveSample(endpoint, stats);
        const ring = rings.get(endpoint.name) ?? [];
        ring.push(sample);
        if (ring.length > KEPT) ring.shift();
        rings.set(endpoint.name, ring);
        for (const listener of listeners) listener(sample);
      }
    },
    recent: (name: string): LiveSample[] => [...(rings.get(name) ?? [])],
    listen(name: string, push: (sample: LiveSample) => void): () => void {
      const listener = (sample: LiveSample) => {
        if (sample.endpoint === name) push(sample);
      };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
