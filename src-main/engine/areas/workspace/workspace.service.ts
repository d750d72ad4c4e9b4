/** What the whole engine is and does: greeting, services with their memory, diagnostics. */
import { readFile } from 'node:fs/promises';
import type { Hello, Service } from '../../../contract/workspace.ts';
import type { ProcessState } from '../../../platform/supervisor.ts';
import type { AreaContext } from '../../context.ts';
import type { ServiceReport } from '../../status.ts';
import { processTitle } from '../activity/index.ts';
import { residentBytes } from './workspace.rules.ts';

export type EngineFacts = {
  version: string;
  instanceId: string;
  startedMs: number;
  workspace(): Hello['workspace'];
};

export type WorkspaceService = {
  hello(): Hello;
  services(): Promise<Service[]>;
  choose(mode: 'open' | 'create' | 'sample'): Promise<boolean>;
};

export function createWorkspaceService(context: AreaContext, facts: EngineFacts): WorkspaceService {
  const { host, status } = context;

  return {
    hello: () => ({
      app: 'lathe',
      version: facts.version,
      protocol: 1,
      instanceId: facts.instanceId,
      startedMs: facts.startedMs,
      workspace: facts.workspace(),
      host: host.capabilities,
      urls: status.urls(),
    }),
    async services() {
      const reports = status.services();
      // A trial of a device comes and goes; it is no service.
      const processes = host.processes.list().filter(({ once }) => !once);
      const services = processes.map((process) => fromProcess(process, reports.get(process.id)));
      if (!processes.some(({ id }) => id === 'engine')) services.unshift(engineItself(facts.startedMs));
      for (const [id, report] of reports)
        if (!processes.some((process) => process.id === id)) services.push(withoutProcess(id, report));
      return Promise.all(services.map(async (s) => ({ ...s, memoryBytes: await memoryOf(s.pid) })));
    },
    choose: (mode) => host.chooseWorkspace(mode),
  };
}

function fromProcess(process: ProcessState, report: ServiceReport | undefined): Service {
  return {
    id: process.id,
    title: report?.title ?? processTitle(process.id),
    state: report?.state ?? process.state,
    pid: process.pid,
    restarts: process.restarts,
    startedMs: process.startedMs,
    memoryBytes: null,
    error: report?.error ?? null,
  };
}

const engineItself = (startedMs: number): Service => ({
  id: 'engine',
  title: processTitle('engine'),
  state: 'running',
  pid: process.pid,
  restarts: 0,
  startedMs,
  memoryBytes: null,
  error: null,
});

/** Part of the engine's process, so neither a pid nor memory of its own. */
const withoutProcess = (id: string, report: ServiceReport): Service => ({
  id,
  title: report.title ?? id,
  state: report.state ?? 'running',
  pid: null,
  restarts: 0,
  startedMs: null,
  memoryBytes: null,
  error: report.error ?? null,
});

async function memoryOf(pid: number | null): Promise<number | null> {
  if (pid === null) return null;
  if (pid === process.pid) return process.memoryUsage.rss();
  if (process.platform !== 'linux') return null;
  try {
    return residentBytes(await readFile(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return null;
  }
}
