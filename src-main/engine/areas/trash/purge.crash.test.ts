import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, utimesSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openTrash } from './testing.ts';

const child = fileURLToPath(new URL('./purge-crash-child.ts', import.meta.url));

/** Every table but those that tell of the deletion itself. */
function content({ context }: Awaited<ReturnType<typeof openTrash>>) {
  const tables = context.db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('activity', 'workspace')")
    .pluck()
    .all() as string[];
  return Object.fromEntries(
    tables.map((table) => [table, context.db.prepare(`SELECT COUNT(*) FROM "${table}"`).pluck().get()]),
  );
}

test.each([
  ['point', 1],
  ['point', 3_333],
  ['artifact', 1],
  ['series', 2],
  ['run', 1],
  ['run', 2],
  ['purge', 1],
  // The two runs have a file each.
  ['blob', 1],
  ['blob', 2],
])('killed after so many rows of %s: %i; the next start finishes it', async (table, rows) => {
  const lathe = await openTrash();
  try {
    const stays = await lathe.fullRun();
    const before = content(lathe);
    const kept = lathe.tracking.run(stays);
    const shared = lathe.artifacts.find(`${lathe.placeOf(stays)}/files/a.bin`);
    const runs = [await lathe.fullRun('0', { points: 5_000 }), await lathe.fullRun()];
    await lathe.trash.discard(runs.map((id) => ({ kind: 'run', id })));
    // Marked, and not begun: the clean-up of this engine is stopped first.
    await lathe.trash.close();
    await lathe.trash.purge('all');
    const dying = fork(
      child,
      [lathe.context.paths.root, table, String(rows), String(lathe.context.clock.now())],
      { stdio: 'ignore' },
    );
    const [, signal] = await once(dying, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(lathe.count('SELECT COUNT(*) FROM purge')).toBeGreaterThan(0);

    const next = lathe.again();
    await next.trash.resume();
    expect(lathe.count('SELECT COUNT(*) FROM blob')).toBe(before.blob);
    lathe.context.clock.advance(1);
    await next.trash.tidy();
    lathe.context.clock.advance(2 * 3_600_000);
    await next.trash.tidy();
    await next.trash.close();
    expect(content(lathe)).toEqual({ ...before, key: expect.any(Number) });
    expect(lathe.tracking.run(stays)).toBe(kept);
    expect(lathe.artifacts.find(`${lathe.placeOf(stays)}/files/a.bin`)).toEqual(shared);
  } finally {
    await lathe.close();
  }
});

test('killed between the row of a file and the file itself: the next start removes it at once', async () => {
  const lathe = await openTrash();
  try {
    const run = await lathe.fullRun();
    const { file = '' } = lathe.artifacts.find(`${lathe.placeOf(run)}/files/a.bin`) ?? {};
    const seconds = lathe.context.clock.now() / 1000;
    utimesSync(file, seconds - 1, seconds - 1);
    await lathe.trash.discard([{ kind: 'run', id: run }]);
    await lathe.trash.close();
    await lathe.trash.purge('all');
    lathe.context.db.exec('DELETE FROM artifact; DELETE FROM blob');
    expect(existsSync(file)).toBe(true);

    const next = lathe.again();
    await next.trash.resume();
    await next.trash.close();
    expect(existsSync(file)).toBe(false);
    expect(lathe.count('SELECT COUNT(*) FROM purge')).toBe(0);
  } finally {
    await lathe.close();
  }
});
