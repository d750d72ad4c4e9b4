/** `lathe run` with a real repository, real Python and Node, and a running headless Lathe. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRow } from '../../src-main/contract/experiments.ts';
import { APP_FOLDER, type App, expect, test } from '../lib/app.ts';
import { type Outcome, runLathe } from '../lib/headless.ts';
import { until } from '../lib/processes.ts';

test.skip(({ host }) => host === 'electron', 'the command line is the same on both hosts; once is enough');

let project: string;
test.beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'lathe-e2e-run-'));
});
test.afterEach(() => rmSync(project, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  mkdirSync(join(project, name, '..'), { recursive: true });
  writeFileSync(join(project, name), text);
};
function git(...args: string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  return execFileSync('git', [...who, ...args], { cwd: project })
    .toString()
    .trim();
}
const lathe = (app: App, args: string[], onStart?: (child: ChildProcess) => void): Promise<Outcome> =>
  runLathe(APP_FOLDER, ['run', '--workspace', app.workspace, ...args], 60_000, {
    cwd: project,
    // Hashes are remembered in the user's folder: here in the test's own.
    env: { ...process.env, XDG_CONFIG_HOME: join(app.folder, 'config'), HOME: app.folder },
    ...(onStart ? { onStart } : {}),
  });
const node = (script: string, ...args: string[]) => ['--', process.execPath, '-e', script, ...args];

async function allRuns(app: App): Promise<RunRow[]> {
  return app.call(async (rpc) => {
    const experiments = await rpc.experiments.list();
    const pages = await Promise.all(experiments.map(({ id }) => rpc.experiments.runs({ experimentId: id })));
    return pages.flatMap(({ rows }) => rows);
  });
}
const textOf = (app: App, runId: string, path: string): Promise<string> =>
  app.call(async (rpc) => (await rpc.artifacts.read({ runId, path })).content);

const TRAIN = `
import json, os, sys, urllib.request
def post(path, body):
    request = urllib.request.Request(os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/" + path,
        json.dumps(body).encode(), {"content-type": "application/json"})
    urllib.request.urlopen(request).read()
run = os.environ["MLFLOW_RUN_ID"]
post("runs/log-metric", {"run_id": run, "key": "loss", "value": 0.25, "timestamp": 1, "step": 1})
print("to stdout"); print("to stderr", file=sys.stderr)
print("experiment", os.environ["MLFLOW_EXPERIMENT_ID"], os.environ.get("MLFLOW_EXPERIMENT_NAME"))
`;

test('a run has its code, environment, data, output and what the script logged', async ({ start }) => {
  const app = await start({ sample: false });
  write('train.py', TRAIN);
  write('.gitignore', 'data/\n');
  write('data/train/a.csv', '1,2\n');
  write('data/train/b.csv', '3,4\n');
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'c');
  git('remote', 'add', 'origin', 'https://me:hunter2@example.org/me/project.git');
  write('train.py', `${TRAIN}\nprint("changed")\n`);
  write('helper.py', 'x = 1\n');
  const { code, stdout, stderr } = await lathe(app, [
    ...['--experiment', 'from the shell', '--name', 'first', '--data', 'data/train', '--data', 'train.py'],
    ...['--', 'python3', 'train.py', '--api-key', 'hunter2'],
  ]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^to stdout\nexperiment \d+ None\nchanged\n$/),
  });
  expect(stderr).toContain('to stderr\n');
  expect(stderr).toMatch(/lathe: run first \([0-9a-f]{32}\) in from the shell\n/);

  const [run, ...others] = await allRuns(app);
  expect(others).toEqual([]);
  if (!run) throw new Error('no run');
  expect(run).toMatchObject({ name: 'first', status: 'FINISHED', metrics: { loss: 0.25 } });
  expect(run.tags).toMatchObject({
    'lathe.code.commit': git('rev-parse', 'HEAD'),
    'mlflow.source.git.commit': git('rev-parse', 'HEAD'),
    'lathe.code.branch': 'main',
    'lathe.code.remote': 'https://example.org/me/project.git',
    'lathe.code.changes': '1 changed, 1 new',
    'lathe.command': "python3 train.py --api-key '[removed]'",
    'lathe.exit': '0',
    'lathe.interpreter': expect.stringContaining('Python 3.'),
    'lathe.os': expect.stringMatching(/./),
    'mlflow.source.name': 'train.py',
  });
  const patch = await textOf(app, run.id, 'lathe/code.patch');
  expect(patch).toContain('+print("changed")');
  expect(patch).toContain('+++ b/helper.py');
  expect(await textOf(app, run.id, 'lathe/output.log')).toContain('to stderr');
  expect(await textOf(app, run.id, 'lathe/requirements.txt')).toMatch(/^(\S+==\S+\n|[^\n]*\n)*$/);
  const about = await textOf(app, run.id, 'lathe/run.json');
  expect(about + JSON.stringify(run.tags) + patch).not.toContain('hunter2');
  expect(JSON.parse(about).argv).toEqual(['python3', 'train.py', '--api-key', '[removed]']);

  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const manifest = `a.csv\x004\x00${sha('1,2\n')}\0b.csv\x004\x00${sha('3,4\n')}\0`;
  const { rows } = await app.call((rpc) => rpc.compare.runs({ runIds: [run.id], all: true }));
  const dataset = (key: string) => rows.find((row) => row.section === 'dataset' && row.key === key)?.cells;
  expect(dataset('train')).toBe(JSON.stringify({ 0: `sha256:${sha(manifest)}` }));
  expect(dataset('train.py')).toContain(sha(readFileSync(join(project, 'train.py'), 'utf8')));
  expect(await textOf(app, run.id, 'lathe/data/1-train.txt')).toContain(`${sha('1,2\n')}  4  a.csv\n`);
});

test('arguments reach the command as they are, without a shell, options of lathe’s included', async ({
  start,
}) => {
  const app = await start({ sample: false });
  const odd = [
    'a b',
    '$(touch pwned)',
    '; touch pwned',
    '"q"',
    "it's",
    'new\nline',
    '',
    '--help',
    '--json',
    '*',
  ];
  const { code, stdout } = await lathe(
    app,
    node('console.log(JSON.stringify(process.argv.slice(1)))', ...odd),
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(odd);
  expect(readdirSync(project)).toEqual([]);
  expect((await allRuns(app))[0]?.tags['lathe.code.missing']).toBe('the folder is in no git repository');
});

test('a command that fails makes a failed run, and its exit code is passed on', async ({ start }) => {
  const app = await start({ sample: false });
  const { code, stderr } = await lathe(app, node('console.error("boom"); process.exit(7)'));
  expect(code).toBe(7);
  expect(stderr).toContain('boom');
  const [run] = await allRuns(app);
  expect(run).toMatchObject({ status: 'FAILED', tags: { 'lathe.exit': '7' } });
  expect(await textOf(app, run?.id ?? '', 'lathe/output.log')).toBe('boom\n');
});

test('a signal reaches the command once, and the run is a killed one', async ({ start }) => {
  const app = await start({ sample: false });
  const script = `
    let n = 0; setInterval(() => {}, 1000);
    process.on('SIGTERM', () => { n += 1; setTimeout(() => { console.log('signals ' + n); process.exit(9); }, 300); });
    console.log('ready');`;
  const { code, stdout } = await lathe(app, node(script), (child) =>
    child.stdout?.once('data', () => child.kill('SIGTERM')),
  );
  expect({ code, stdout }).toEqual({ code: 9, stdout: 'ready\nsignals 1\n' });
  expect((await allRuns(app))[0]).toMatchObject({ status: 'KILLED', tags: { 'lathe.exit': '9' } });
});

test('a command that something kills makes a killed run', async ({ start }) => {
  const app = await start({ sample: false });
  const { code } = await lathe(app, node('console.log(1); process.kill(process.pid, "SIGKILL")'));
  expect(code).toBe(137);
  expect((await allRuns(app))[0]).toMatchObject({ status: 'KILLED', tags: { 'lathe.exit': 'SIGKILL' } });
});

test('a script that says itself that it failed is believed', async ({ start }) => {
  const app = await start({ sample: false });
  const script = `fetch(process.env.MLFLOW_TRACKING_URI + '/api/2.0/mlflow/runs/update', { method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ run_id: process.env.MLFLOW_RUN_ID, status: 'FAILED' }) })`;
  expect((await lathe(app, node(script))).code).toBe(0);
  expect((await allRuns(app))[0]?.status).toBe('FAILED');
});

test('much output arrives whole and does not grow in memory; a reader that leaves ends nothing', async ({
  start,
}) => {
  const app = await start({ sample: false });
  const line = 'x'.repeat(99);
  const many = `for (let n = 0; n < 200000; n++) process.stdout.write('${line}\\n')`;
  const { code, stdout } = await lathe(app, node(many));
  expect({ code, bytes: stdout.length }).toEqual({ code: 0, bytes: 20_000_000 });
  const [run] = await allRuns(app);
  const { entries } = await app.call((rpc) => rpc.artifacts.list({ runId: run?.id ?? '', folder: 'lathe' }));
  expect(entries.find(({ name }) => name === 'output.log')?.size).toBe(20_000_000);
  const left = await lathe(app, node(`${many}; require('fs').writeFileSync('done', '')`), (child) =>
    child.stdout?.once('data', () => child.stdout?.destroy()),
  );
  expect(left.code).toBe(0);
  expect(existsSync(join(project, 'done'))).toBe(true);
});

test('Lathe may be killed and come back while the command runs: nothing is lost', async ({ start }) => {
  const app = await start({ sample: false });
  const waiting = lathe(
    app,
    node(
      `console.log('ready'); const t = setInterval(() => { if (require('fs').existsSync('go')) clearInterval(t); }, 50)`,
    ),
  );
  await until('the run', async () => (await allRuns(app))[0]?.tags['lathe.os']);
  await app.kill('engine');
  await app.startAgain();
  write('go', '');
  expect((await waiting).code).toBe(0);
  const [run] = await allRuns(app);
  expect(run).toMatchObject({ status: 'FINISHED', tags: { 'lathe.exit': '0' } });
  expect(await textOf(app, run?.id ?? '', 'lathe/output.log')).toBe('ready\n');
});

test('without a running Lathe the command is not started', async () => {
  const { code, stderr } = await runLathe(
    APP_FOLDER,
    ['run', '--workspace', join(project, 'none'), ...node("require('fs').writeFileSync('ran', '')")],
    30_000,
    { cwd: project },
  );
  expect(code).toBe(3);
  expect(stderr).toContain('LATHE_HOST_NOT_RUNNING');
  expect(stderr).toContain('Start it with');
  expect(existsSync(join(project, 'ran'))).toBe(false);
});

test('what cannot be run makes no run', async ({ start }) => {
  const app = await start({ sample: false });
  const unknown = await lathe(app, ['--json', '--', 'no-such-program', 'x']);
  expect(unknown.code).toBe(1);
  expect(JSON.parse(unknown.stdout).error).toMatchObject({ code: 'LATHE_RUN_NO_PROGRAM' });
  const noData = await lathe(app, ['--data', 'nothing.csv', ...node('0')]);
  expect({ code: noData.code, stderr: noData.stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('nothing.csv'),
  });
  for (const args of [[], ['python3', 'x.py'], ['--'], ['--bogus', '--', 'true']]) {
    const { code, stderr } = await lathe(app, args);
    expect({ args, code, stderr }).toEqual({
      args,
      code: 2,
      stderr: expect.stringContaining('lathe --help'),
    });
  }
  expect(await allRuns(app)).toEqual([]);
});
