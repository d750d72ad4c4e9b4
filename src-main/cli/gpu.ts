/**
 * `lathe gpu`: what can run models on this machine. A running Lathe is asked; where none runs, the devices are tried
 * here, as it would do.
 */
import { type Devices, ProviderWish } from '../contract/devices.ts';
import { LatheError } from '../contract/errors.ts';
import { tryDevices } from '../host-headless/devices.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson, UsageError } from './output.ts';
import { BUNDLES } from './program.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';

export async function gpu(argv: readonly string[]): Promise<ExitCode> {
  const { values } = parse(argv, {
    workspace: { type: 'string' },
    reprobe: { type: 'boolean' },
    use: { type: 'string' },
    model: { type: 'string' },
  });
  if (values.model !== undefined && values.use === undefined) throw new UsageError('--model goes with --use');
  if (values.use !== undefined) await use(values.use, values.model, values.workspace);
  const devices = await devicesNow(values.workspace, values.reprobe === true);
  if (values.json) printJson({ ok: true, devices });
  else print(devicesText(devices));
  return 0;
}

/** Says what is to run all models, or one. */
async function use(given: string, model: string | undefined, workspace: string | undefined): Promise<void> {
  const wish = ProviderWish.safeParse(given);
  const follows = model !== undefined && given === 'default';
  if (!wish.success && !follows)
    throw new UsageError(
      `--use is ${ProviderWish.options.join(', ')}, or default with --model, not ${given}`,
    );
  const provider = wish.success ? wish.data : null;
  const client = await connectToRunning(workspaceOrDefault(workspace));
  try {
    const { serving, settings } = client.rpc;
    if (model !== undefined) {
      const present = await serving.tuning({ model });
      await serving.setTuning({ ...present, tuning: { ...present.tuning, provider } });
    } else if (provider !== null) {
      const { revision } = await settings.get();
      await settings.update({ revision, patch: { serving: { provider } } });
    }
  } finally {
    client.close();
  }
}

/** `again`: whatever is remembered. */
export async function devicesNow(workspace: string | undefined, again: boolean): Promise<Devices> {
  try {
    const client = await connectToRunning(workspaceOrDefault(workspace));
    try {
      const present = await client.rpc.serving.devices();
      // Joins a trial that is under way.
      return again || !present.tried ? await client.rpc.serving.reprobe() : present;
    } finally {
      client.close();
    }
  } catch (thrown) {
    if (thrown instanceof LatheError && thrown.code === 'LATHE_HOST_NOT_RUNNING')
      return tryDevices(BUNDLES, again);
    throw thrown;
  }
}

const STATES = { usable: 'yes', slower: 'slower', unusable: 'no' } as const;

export function devicesText({ findings, chosen, cudaFiles, onnxruntime, wish }: Devices): string {
  const rows = findings.map(({ provider, state, device, memoryBytes, trial }) => [
    provider,
    STATES[state],
    device ?? '',
    memoryBytes === null ? '' : `${(memoryBytes / 1024 ** 3).toFixed(1)} GiB`,
    trial ? `${trial.ms.toPrecision(3)} ms` : '',
  ]);
  const table = aligned([['provider', 'usable', 'device', 'memory', 'trial'], ...rows]);
  const problems = findings
    .filter((found) => found.state !== 'usable')
    .flatMap(({ provider, reason, problems: all }) => [
      '',
      `${provider}: ${all.length === 0 ? reason : ''}`.trimEnd(),
      ...all.flatMap(({ code, cause, remedy }) => [`  ${code}: ${cause}`, `    ${remedy}`]),
    ]);
  return [
    ...table,
    ...problems,
    '',
    `Chosen (${wish}): ${chosen.provider}. ${chosen.reason}`,
    `CUDA files of ONNX Runtime ${onnxruntime}: ${cudaFiles.state} (${cudaFiles.folder})`,
  ].join('\n');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
