/**
 * `lathe demo --once`: the main job from end to end on the sample, in a throw-away workspace, as a client would do
 * it. Prints each step with its figures; exits 0 only if every step held.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveHeadless } from '../host-headless/main.ts';
import { type Client, connectUi } from './client.ts';
import { DEMO_STEPS, type DemoSubject } from './demo-steps.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson, UsageError } from './output.ts';
import { BUNDLES, RESOURCES, VERSION } from './program.ts';

/** The whole demo; a step that waits for something gives up then. */
const LIMIT_MS = 120_000;

type Result = { step: string; ok: boolean; detail: string; ms: number };

export async function demo(argv: readonly string[]): Promise<ExitCode> {
  const { values } = parse(argv, { once: { type: 'boolean' } });
  if (!values.once) throw new UsageError('demo needs --once: it runs the main job one time and ends');
  const say = (text: string) => {
    if (!values.json) print(text);
  };
  const folder = await mkdtemp(join(tmpdir(), 'lathe-demo-'));
  const deadline = performance.now() + LIMIT_MS;
  let close = async () => {};
  try {
    say(`Lathe ${VERSION}: the main job on the sample, in ${folder}\n`);
    const server = await serveHeadless({
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
    close = server.close;
    const client: Client = await connectUi(server.urls.ui ?? '', server.token);
    close = async () => {
      client.close();
      await server.close();
    };
    const results = await runSteps({ rpc: client.rpc, sample: join(RESOURCES, 'sample'), deadline }, say);
    return conclude(results, values.json === true);
  } finally {
    await close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Stops at the first step that does not hold: the later ones stand on it. */
async function runSteps(subject: DemoSubject, say: (text: string) => void): Promise<Result[]> {
  const results: Result[] = [];
  for (const [step, work] of DEMO_STEPS) {
    const begin = performance.now();
    let result: Result;
    try {
      const detail = await work(subject);
      result = { step, ok: true, detail, ms: Math.round(performance.now() - begin) };
    } catch (thrown) {
      const detail = thrown instanceof Error ? thrown.message : String(thrown);
      result = { step, ok: false, detail, ms: Math.round(performance.now() - begin) };
    }
    results.push(result);
    say(`${result.ok ? 'held  ' : 'FAILED'}  ${step.padEnd(10)} ${result.detail}  (${result.ms} ms)`);
    if (!result.ok) break;
  }
  return results;
}

function conclude(results: readonly Result[], json: boolean): ExitCode {
  const held = results.filter((result) => result.ok).length;
  const ok = held === DEMO_STEPS.length;
  if (json) printJson({ ok, held, of: DEMO_STEPS.length, steps: results });
  else print(`\n${held} of ${DEMO_STEPS.length} steps held`);
  return ok ? 0 : 1;
}
