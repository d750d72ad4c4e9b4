/**
 * `lathe run -- python train.py`: starts the command as a run of the running Lathe, and keeps what makes it
 * reproducible: code, environment, data, command, output. docs/runs.md says what exactly.
 */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { LatheError } from '../contract/errors.ts';
import { userDataFolder } from '../platform/app-state.ts';
import { parse } from './options.ts';
import { printFailure, UsageError } from './output.ts';
import { type Ended, runChild, takeSignals } from './run/child.ts';
import { type Code, captureCode } from './run/code.ts';
import { type Data, hashData, manifestText, type Progress } from './run/data.ts';
import { openHashCache } from './run/hash-cache.ts';
import { findInterpreter, findProgram, lockFiles } from './run/interpreter.ts';
import { describeMachine, keptEnvironment } from './run/machine.ts';
import { openOutputLog } from './run/output-log.ts';
import { commandLine, safeArguments } from './run/secrets.ts';
import { type CreatedRun, openTracking, type Status, type Tracking } from './run/tracking.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';

const MOST_MANIFEST_BYTES = 10 * 1024 * 1024;

/** The exit code is the command's own. Before it starts: 1 failed, 2 not understood, 3 nothing is running. */
export async function run(argv: readonly string[]): Promise<number> {
  const cut = argv.indexOf('--');
  const { values } = parse(cut < 0 ? argv : argv.slice(0, cut), {
    experiment: { type: 'string' },
    name: { type: 'string' },
    data: { type: 'string', multiple: true },
    env: { type: 'string', multiple: true },
    workspace: { type: 'string' },
  });
  const command = cut < 0 ? [] : argv.slice(cut + 1);
  if (command.length === 0) throw new UsageError('the command is missing: lathe run -- python train.py');
  const cwd = process.cwd();
  if (!findProgram(command[0] ?? '', cwd))
    throw new LatheError('LATHE_RUN_NO_PROGRAM', { name: command[0] ?? '' });
  const workspace = workspaceOrDefault(values.workspace);
  const tracking = await openTracking(() => trackingUrl(workspace));
  const data = await hashAll(values.data ?? []);
  const code = await captureCode(cwd);
  const experiment = values.experiment ?? process.env.MLFLOW_EXPERIMENT_NAME ?? 'Default';
  const experimentId = await tracking.experiment(experiment);

  const signals = takeSignals();
  const log = openOutputLog();
  try {
    const created = await tracking.createRun({
      experimentId,
      name: values.name ?? '',
      user: userInfo().username,
      tags: { ...firstTags(command, cwd), ...codeTags(code) },
    });
    say(`run ${created.name} (${created.id}) in ${experiment}`);
    const recording = record(tracking, created, { command, cwd, code, data, env: values.env ?? [] });
    // What goes wrong with it is told when the command is done; it must not end it.
    recording.catch(() => {});
    let ended: Ended;
    try {
      ended = await runChild(command, { cwd, env: childEnvironment(tracking, created), log, signals });
    } catch (thrown) {
      await tracking.endRun(created, 'FAILED');
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new LatheError('LATHE_RUN_NO_PROGRAM', { name: `${command[0]} (${reason})` }, { cause: thrown });
    }
    const status = statusOf(ended, signals.received());
    const output = await log.finish();
    const recorded = await settled([
      () => recording,
      () => tracking.setTags(created, { 'lathe.exit': ended.signal ?? String(ended.exitCode) }),
      () => tracking.putFile(created, 'lathe/output.log', output),
      () => tracking.endRun(created, status),
    ]);
    for (const thrown of recorded) printFailure(thrown, false);
    const summary = { ok: recorded.length === 0, run: created.id, name: created.name, status, ...ended };
    if (values.json) process.stderr.write(`${JSON.stringify(summary)}\n`);
    else
      say(
        `${created.name} ${status.toLowerCase()}${ended.exitCode === 0 ? '' : `, exit code ${ended.exitCode}`}`,
      );
    return ended.exitCode;
  } finally {
    log.remove();
    signals.release();
  }
}

/** On stderr: stdout is the command's. */
const say = (text: string): void => void process.stderr.write(`lathe: ${text}\n`);

async function trackingUrl(workspace: string): Promise<string> {
  const client = await connectToRunning(workspace);
  try {
    const { urls } = await client.rpc.workspace.hello();
    if (urls.mlflow) return urls.mlflow;
    const reason = 'the tracking server of the running Lathe does not listen';
    throw new LatheError('LATHE_RUN_NOT_RECORDED', { what: 'the run', reason });
  } finally {
    client.close();
  }
}

function childEnvironment(tracking: Tracking, { id, experimentId }: CreatedRun): NodeJS.ProcessEnv {
  const { MLFLOW_EXPERIMENT_NAME: _, ...inherited } = process.env;
  return {
    // Python holds back what it prints into a pipe.
    PYTHONUNBUFFERED: '1',
    ...inherited,
    MLFLOW_TRACKING_URI: tracking.url(),
    MLFLOW_EXPERIMENT_ID: experimentId,
    MLFLOW_RUN_ID: id,
  };
}

/** Who was asked to stop and did not end well was stopped, whatever its exit code. */
const statusOf = ({ exitCode, signal }: Ended, received: NodeJS.Signals | null): Status =>
  exitCode === 0 ? 'FINISHED' : signal !== null || received !== null ? 'KILLED' : 'FAILED';

async function hashAll(paths: readonly string[]): Promise<Data[]> {
  if (paths.length === 0) return [];
  const cache = openHashCache(join(userDataFolder(), 'data-hashes.json'));
  const all: Data[] = [];
  for (const path of paths) {
    const meter = progressLine(path);
    all.push(await hashData(path, cache, meter.show).finally(meter.clear));
  }
  cache.save();
  return all;
}

/** At a terminal, when it takes more than a moment. */
function progressLine(path: string): { show(progress: Progress): void; clear(): void } {
  const begin = performance.now();
  let last = begin;
  let isShown = false;
  return {
    show({ bytes, files }) {
      const now = performance.now();
      if (!process.stderr.isTTY || now - begin < 1_000 || now - last < 200) return;
      last = now;
      isShown = true;
      const read = `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
      process.stderr.write(`\r\u001b[Klathe: reading ${path}: ${read}${files > 1 ? `, ${files} files` : ''}`);
    },
    clear: () => void (isShown && process.stderr.write('\r\u001b[K')),
  };
}

/** What a client of MLflow would say of the run, and the command. */
const firstTags = (command: readonly string[], cwd: string): Record<string, string> => ({
  'mlflow.user': userInfo().username,
  'mlflow.source.type': 'LOCAL',
  'mlflow.source.name':
    command.find((one) => /\.(py|ipynb|js|mjs|ts|sh|R|jl)$/.test(one)) ?? command[0] ?? '',
  'lathe.command': commandLine(safeArguments(command)),
  'lathe.cwd': cwd,
});

function codeTags(code: Code | { reason: string }): Record<string, string> {
  if ('reason' in code) return { 'lathe.code.missing': code.reason };
  const { commit, branch, remote, changed, untracked, leftOut } = code;
  const dirty = changed + untracked > 0;
  const parts = [
    ...(changed > 0 ? [`${changed} changed`] : []),
    ...(untracked > 0 ? [`${untracked} new`] : []),
    ...(leftOut.length > 0 ? ['not all of it in the patch'] : []),
  ];
  return {
    ...(commit ? { 'lathe.code.commit': commit, 'mlflow.source.git.commit': commit } : {}),
    'lathe.code.branch': branch ?? '(detached)',
    ...(branch ? { 'mlflow.source.git.branch': branch } : {}),
    ...(remote ? { 'lathe.code.remote': remote, 'mlflow.source.git.repoURL': remote } : {}),
    'lathe.code.dirty': String(dirty),
    'lathe.code.changes': dirty ? parts.join(', ') : 'none',
  };
}

type Captured = {
  command: readonly string[];
  cwd: string;
  code: Code | { reason: string };
  data: readonly Data[];
  env: readonly string[];
};

/** While the command runs: none of this waits for it or holds it up. */
async function record(tracking: Tracking, created: CreatedRun, captured: Captured): Promise<void> {
  const { command, cwd, code, data, env: names } = captured;
  const env = keptEnvironment(process.env, names);
  const [interpreter, machine] = await Promise.all([findInterpreter(command, cwd), describeMachine()]);
  const locks = await lockFiles(cwd, interpreter);
  const [gpu] = machine.gpus;
  await tracking.setTags(created, {
    ...(interpreter
      ? { 'lathe.interpreter': interpreter.title, 'lathe.interpreter.path': interpreter.path }
      : {}),
    'lathe.os': machine.os,
    'lathe.cpu': machine.cpu,
    'lathe.memory': machine.memory,
    'lathe.host': machine.host,
    ...(gpu
      ? {
          'lathe.gpu': machine.gpus.map(({ name, memory }) => `${name} ${memory}`).join(', '),
          'lathe.gpu.driver': gpu.driver,
        }
      : {}),
    ...Object.fromEntries(Object.entries(env).map(([name, value]) => [`lathe.env.${name}`, value])),
  });
  const put = (path: string, content: string | Buffer) => tracking.putFile(created, `lathe/${path}`, content);
  if ('patch' in code && code.patch) await put('code.patch', code.patch);
  if (interpreter?.requirements != null) await put('requirements.txt', interpreter.requirements);
  for (const { name, text } of locks) await put(name, text);
  if (data.length > 0) await tracking.logInputs(created, data.map(toInput));
  for (const [at, { name, files }] of data.entries())
    if (files) await put(`data/${at + 1}-${name.replace(/[^\w.-]+/g, '_')}.txt`, manifestOf(files));
  const { patch: _, ...about } = 'patch' in code ? code : { patch: null, ...code };
  const whole = {
    ...{ format: 1, argv: safeArguments(command), cwd, code: about, machine, env },
    interpreter: interpreter && { title: interpreter.title, path: interpreter.path },
    data: data.map(({ name, path, sha256, size, files }) => ({
      ...{ name, path, sha256, size, files: files?.length ?? 1 },
    })),
  };
  await put('run.json', `${JSON.stringify(whole, null, 2)}\n`);
}

/** MLflow's digest has 36 characters at most; the whole hash goes beside it. */
const toInput = ({ name, path, sha256, size, files }: Data) => ({
  ...{ name, sha256, digest: sha256.slice(0, 36) },
  source: JSON.stringify({ uri: path }),
  profile: JSON.stringify({ num_bytes: size, num_files: files?.length ?? 1 }),
});

function manifestOf(files: NonNullable<Data['files']>): string {
  const text = manifestText(files);
  if (text.length <= MOST_MANIFEST_BYTES) return text;
  const kept = text.slice(0, text.lastIndexOf('\n', MOST_MANIFEST_BYTES) + 1);
  return `${kept}# ${files.length} files in all; the list is cut here\n`;
}

/** One after the other, whatever becomes of those before; returns what was thrown. */
async function settled(works: readonly (() => Promise<unknown>)[]): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const work of works)
    try {
      await work();
    } catch (thrown) {
      failures.push(thrown);
    }
  return failures;
}
