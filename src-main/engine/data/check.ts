/** After an unclean end: SQLite's own check on a reader thread, said aloud only when something is wrong. */
import type { AreaContext } from '../context.ts';

const TIME_LIMIT_MS = 120_000;

export async function checkDatabase({ readers, log, events, paths }: AreaContext): Promise<void> {
  try {
    const rows = await readers.all<{ quick_check: string }>('PRAGMA quick_check(1)', [], TIME_LIMIT_MS);
    const found = rows[0]?.quick_check ?? 'ok';
    if (found === 'ok') return;
    log.error({ found }, 'the database is damaged');
    events.notice({
      level: 'error',
      title: 'The workspace database is damaged',
      detail: `${found}. Copy the folder ${paths.root} before going on, and restore lathe.db from its backups folder.`,
      href: '/settings',
    });
  } catch (thrown) {
    log.warn({ err: thrown }, 'the database could not be checked');
  }
}
