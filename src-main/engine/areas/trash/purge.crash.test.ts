import { fork } from 'node:child_process';
import { once } from 'node:events';
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
    const dying = fork(child, [lathe.context.paths.root, table, String(rows)], { stdio: 'ignore' });
    const [, signal] = await once(dying, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(lathe.count('SELECT COUNT(*) FROM purge')).toBeGreaterThan(0);

    const next = lathe.again();
    await next.trash.resume();
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
