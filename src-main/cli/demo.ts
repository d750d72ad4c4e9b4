/** `lathe demo --once`: the main job on real flights in a throw-away workspace; every step checked, all figures real. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toErrorReport } from '../contract/errors.ts';
import { type HeadlessServer, serveHeadless } from '../host-headless/main.ts';
import { connectUi } from './client.ts';
import { type DemoContext, type Golden, unlessStalled } from './demo-lib.ts';
import { DEMO_STEPS, readGolden } from './demo-steps.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson, UsageError } from './output.ts';
import { BUNDLES, RESOURCES, VERSION } from './program.ts';

type StepResult = { step: string; ok: boolean; ms: number; detail: string };

export async function demo(argv: readonly string[]): Promise<ExitCode> {
  const { values } = parse(argv, { once: { type: 'boolean' } });
  if (!values.once) throw new UsageError('demo runs once and ends: lathe demo --once');
  const json = values.json === true;
  const folder = await mkdtemp(join(tmpdir(), 'lathe-demo-'));
  const startMs = performance.now();
  const steps: StepResult[] = [];
  const report = (result: StepResult) => {
    steps.push(result);
    if (!json)
      print(
        `${result.ok ? 'ok  ' : 'FAIL'}  ${result.step.padEnd(10)} ${seconds(result.ms)}  ${result.detail}`,
      );
  };
  try {
    await runSteps(folder, report);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  const ok = steps.length === DEMO_STEPS.length + 1 && steps.every((step) => step.ok);
  const ms = Math.round(performance.now() - startMs);
  if (json) printJson({ ok, ms, steps });
  else print(ok ? `The main job holds, in ${seconds(ms).trim()}.` : `Stopped at the step that failed.`);
  return ok ? 0 : 1;
}

/** Stops at the first step that fails. The server is closed in every case. */
async function runSteps(folder: string, report: (result: StepResult) => void): Promise<void> {
  let server: HeadlessServer | null = null;
  let close = () => {};
  const run = async (step: string, work: () => Promise<string>): Promise<boolean> => {
    const startMs = performance.now();
    const result = await unlessStalled(step, work).then(
      (detail) => ({ ok: true, detail }),
      (thrown: unknown) => ({ ok: false, detail: reasonOf(thrown) }),
    );
    report({ step, ...result, ms: Math.round(performance.now() - startMs) });
    return result.ok;
  };
  try {
    let context: DemoContext | null = null;
    await run('workspace', async () => {
      const golden: Golden = await readGolden(RESOURCES);
      server = await startServer(folder);
      const client = await connectUi(server.urls.ui ?? '', server.token);
      close = client.close;
      context = { rpc: client.rpc, golden, resources: RESOURCES };
      const { workspace } = await client.rpc.workspace.hello();
      return `${workspace.path}, sample going in`;
    });
    for (const { name, run: work } of DEMO_STEPS) {
      const ready: DemoContext | null = context;
      if (!ready || !(await run(name, () => work(ready)))) return;
    }
  } finally {
    close();
    await (server as HeadlessServer | null)?.close();
  }
}

const startServer = (folder: string): Promise<HeadlessServer> =>
  serveHeadless({
    workspace: join(folder, 'workspace'),
    create: true,
    sample: true,
    version: VERSION,
    resources: RESOURCES,
    bundles: BUNDLES,
    uiPort: 0,
    ports: { inferenceHttp: 0, inferenceGrpc: 0, mlflow: 0 },
    host: '127.0.0.1',
    proxyName: null,
  });

function reasonOf(thrown: unknown): string {
  const remote = (thrown as { data?: { code?: unknown; cause?: unknown } } | null)?.data;
  if (typeof remote?.code === 'string') return `${remote.code}: ${String(remote.cause)}`;
  const report = toErrorReport(thrown);
  return report.code === 'LATHE_INTERNAL' ? String(report.details.reason) : `${report.code}: ${report.cause}`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(5)} s`;
