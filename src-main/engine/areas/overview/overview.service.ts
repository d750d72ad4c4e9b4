/** Gathers what every area knows into one page. */
import { statfs } from 'node:fs/promises';
import type { Overview } from '../../../contract/overview.ts';
import type { Service } from '../../../contract/workspace.ts';
import type { AreaContext } from '../../context.ts';
import type { Experiments } from '../experiments/index.ts';
import type { Models } from '../models/index.ts';
import type { MonitoringService } from '../monitoring/index.ts';
import type { ReplayService } from '../replay/index.ts';
import type { ServingService } from '../serving/index.ts';
import { attentionOf } from './overview.rules.ts';

export type OverviewDeps = {
  services: () => Promise<Service[]>;
  experiments: Experiments;
  models: Models;
  serving: ServingService;
  monitoring: MonitoringService;
  replay: ReplayService;
};

export function createOverviewService(context: AreaContext, deps: OverviewDeps) {
  const { serving, monitoring, models } = deps;
  return {
    async summary(): Promise<Overview> {
      const endpoints = serving.list();
      const gateway = serving.gateway();
      const drift = [];
      for (const { name } of endpoints)
        drift.push({ endpoint: name, features: await monitoring.drift({ endpoint: name }) });
      const quality = [];
      for (const { name, model } of endpoints)
        quality.push({ endpoint: name, model, cohorts: await monitoring.cohorts(name) });
      const registered = models.list();
      const experiments = deps.experiments.list();
      return {
        attention: attentionOf({
          services: await deps.services(),
          endpoints,
          runnerMissing: gateway !== null && !gateway.runner.connected,
          drift,
          quality,
          versionMetrics: (model, version) => models.find(model, version)?.metrics ?? null,
          replay: deps.replay.status(),
          losses: monitoring.losses(),
          freeBytes: await freeBytes(context.paths.root),
        }),
        counts: {
          experiments: experiments.length,
          runs: experiments.reduce((sum, { runCount }) => sum + runCount, 0),
          models: registered.length,
          versions: registered.reduce((sum, { versionCount }) => sum + versionCount, 0),
          endpoints: endpoints.length,
          ...monitoring.totals(),
        },
      };
    },
  };
}

async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
