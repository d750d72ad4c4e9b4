import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WorkspaceEvent } from '../../../contract/workspace.ts';
import type { ProcessState } from '../../../platform/supervisor.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createActivityService } from './activity.service.ts';
import { createActivityArea } from './index.ts';

let context: TestContext;
beforeEach(async () => {
  context = await openTestContext();
});
afterEach(() => context.close());

const titles = (service: ReturnType<typeof createActivityService>) =>
  service.list(100).map(({ title, state }) => `${title}: ${state}`);

describe('activities', () => {
  test('run, tell how far they are, and end; running ones are listed first', async () => {
    const service = createActivityService(context);
    const long = service.start({ kind: 'import', title: 'long', cancellable: true });
    context.clock.advance(1_000);
    await service.run({ kind: 'seed', title: 'short' }, async (handle) => handle.progress(0.5, 'half'));
    long.progress(0.25, 'a quarter');
    expect(titles(service)).toEqual(['long: running', 'short: done']);
    expect(service.list(1)[0]).toMatchObject({ progress: 0.25, detail: 'a quarter', cancellable: true });
    long.done('imported');
    expect(service.list(2)[1]).toMatchObject({
      state: 'done',
      progress: 1,
      detail: 'imported',
      cancellable: false,
    });
  });

  test('a failure is kept with its code and thrown on', async () => {
    const service = createActivityService(context);
    const work = service.run({ kind: 'import', title: 'x' }, async () => {
      throw new Error('the wheel broke');
    });
    await expect(work).rejects.toThrow('the wheel broke');
    expect(service.list(1)[0]).toMatchObject({ state: 'failed', error: { code: 'LATHE_INTERNAL' } });
  });

  test('cancelling reaches the work; what cannot be cancelled is not', async () => {
    const service = createActivityService(context);
    const stuck = service.start({ kind: 'backup', title: 'stuck' });
    expect(service.cancel(stuck.id)).toBe(false);
    const work = service.run({ kind: 'load', title: 'load', cancellable: true }, ({ signal }) => {
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    const id = service.list(10).find(({ title }) => title === 'load')?.id ?? '';
    expect(service.cancel(id)).toBe(true);
    expect(service.cancel(id)).toBe(false);
    await expect(work).rejects.toMatchObject({ code: 'LATHE_CANCELLED' });
    expect(service.list(10).find((activity) => activity.id === id)).toMatchObject({
      state: 'cancelled',
      error: null,
    });
    expect(service.cancel('no such')).toBe(false);
  });

  test('what ran when the engine ended is failed at the next start, and said to be', () => {
    createActivityService(context).start({ kind: 'replay', title: 'left' });
    const next = createActivityService(context);
    next.interruptLeftovers();
    expect(next.list(1)[0]).toMatchObject({
      state: 'failed',
      error: { cause: expect.stringContaining('interrupted by a restart') },
    });
  });

  test('the oldest are forgotten, the newest thousand kept', () => {
    const service = createActivityService(context);
    for (let n = 0; n < 1_010; n++) {
      context.clock.advance(1);
      service.record({ kind: 'change', title: `n${n}` });
    }
    service.interruptLeftovers();
    expect(context.db.prepare('SELECT COUNT(*) FROM activity').pluck().get()).toBe(1_000);
    expect(service.list(1)[0]?.title).toBe('n1009');
  });

  test('a list that cannot be written does not fail the work it tells of', async () => {
    const service = createActivityService(context);
    context.db.exec("CREATE TRIGGER full BEFORE INSERT ON activity BEGIN SELECT RAISE(ABORT, 'full'); END");
    expect(await service.run({ kind: 'import', title: 'x' }, async () => 7)).toBe(7);
  });
});

describe('incidents', () => {
  const process = (part: Partial<ProcessState>): ProcessState => ({
    id: 'gateway',
    state: 'running',
    pid: 5,
    restarts: 1,
    startedMs: 0,
    lastExit: null,
    ...part,
  });
  const die = (signal: string | null, code: number | null = null, id = 'gateway') => {
    const lastExit = { code, signal, atMs: context.clock.now() };
    context.host.emit({
      type: 'died',
      process: process({ id, state: 'restarting', lastExit }),
      code,
      signal,
    });
  };
  let notices: WorkspaceEvent[];
  beforeEach(() => {
    notices = [];
    context.events.listen((event) => {
      if (event.type === 'notice') notices.push(event);
    });
  });

  test('a process that was killed and came back is told in plain words, once', () => {
    const area = createActivityArea(context, { unclean: false });
    die('SIGKILL');
    context.host.emit({ type: 'state', process: process({ state: 'starting' }) });
    expect(notices).toEqual([]);
    context.clock.advance(340);
    context.host.emit({ type: 'state', process: process({ state: 'running' }) });
    context.host.emit({ type: 'state', process: process({ state: 'running' }) });
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({
      level: 'warning',
      title: 'Inference gateway was restarted',
      detail: expect.stringMatching(
        /was killed \(SIGKILL\) and was running again after 340 ms.*nothing saved was lost/,
      ),
      href: '/activity',
    });
    const [kept] = context.db
      .prepare("SELECT title, kind, state FROM activity WHERE kind = 'incident'")
      .all();
    expect(kept).toEqual({ title: 'Inference gateway was restarted', kind: 'incident', state: 'done' });
    area.close();
  });

  test('one that keeps dying is an error', () => {
    const area = createActivityArea(context, { unclean: false });
    die(null, 1, 'runner:cpu-0');
    context.host.emit({ type: 'state', process: process({ id: 'runner:cpu-0', state: 'failed' }) });
    expect(notices[0]).toMatchObject({ level: 'error', title: 'Model runner (cpu-0) keeps stopping' });
    area.close();
  });

  test('one that was stopped on purpose is no incident', () => {
    const area = createActivityArea(context, { unclean: false });
    context.host.emit({ type: 'state', process: process({ state: 'stopped' }) });
    context.host.emit({ type: 'state', process: process({ state: 'running' }) });
    expect(notices).toEqual([]);
    area.close();
    die('SIGKILL');
    context.host.emit({ type: 'state', process: process({ state: 'running' }) });
    expect(notices).toEqual([]);
  });

  test('the engine’s own death is told to the first who listens', () => {
    createActivityArea(context, { unclean: true }).close();
    const heard: WorkspaceEvent[] = [];
    const leave = context.events.listenForUser((event) => heard.push(event));
    expect(heard).toMatchObject([{ type: 'notice', detail: expect.stringContaining('still here') }]);
    leave();
    context.events.listenForUser((event) => heard.push(event))();
    expect(heard).toHaveLength(1);
  });
});
