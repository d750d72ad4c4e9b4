/** What the engine says of itself while it runs: the URLs it answers at, and services that are not processes. */
import type { ErrorReport } from '../contract/errors.ts';
import type { Service, Urls } from '../contract/workspace.ts';
import type { Events } from './events.ts';

/** What an area knows of a service; for a supervised process of that id it is laid over the process's state. */
export type ServiceReport = { title?: string; state?: Service['state']; error?: ErrorReport | null };

export type Status = {
  urls(): Urls;
  setUrls(part: Partial<Urls>): void;
  onUrls(listener: (urls: Urls) => void): () => void;
  services(): ReadonlyMap<string, ServiceReport>;
  report(id: string, report: ServiceReport): void;
};

export function createStatus(events: Events): Status {
  const listeners = new Set<(urls: Urls) => void>();
  const services = new Map<string, ServiceReport>();
  let urls: Urls = { inferenceHttp: null, inferenceGrpc: null, mlflow: null, ui: null };
  return {
    urls: () => urls,
    setUrls(part) {
      const next = { ...urls, ...part };
      if (JSON.stringify(next) === JSON.stringify(urls)) return;
      urls = next;
      for (const listener of listeners) listener(urls);
      events.changed('services', 'serving');
    },
    onUrls(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    services: () => services,
    report(id, report) {
      services.set(id, { ...services.get(id), ...report });
      events.changed('services', 'overview');
    },
  };
}
