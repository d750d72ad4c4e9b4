/** Reads every stored file and compares it with its hash, which is its name. */
import type { VerifyReport } from '../../../contract/trash.ts';
import type { AreaContext } from '../../context.ts';
import { hashFile } from '../../data/blobs.ts';
import type { ActivityHandle } from '../activity/index.ts';
import type { Collector } from './collector.ts';

const PAGE = 500;
/** Of each damaged blob: more users than these are not named. */
const MOST_USERS = 20;

const USERS_SQL = `WITH wanted(hash) AS (VALUES (?))
  SELECT path AS name FROM wanted JOIN artifact ON sha256 = hash
  UNION ALL SELECT m.name || ' version ' || v.version FROM wanted JOIN model_version v ON v.sha256 = hash
    JOIN registered_model m ON m.id = v.model_id
  UNION ALL SELECT path || ' (in the trash)' FROM wanted JOIN artifact_trash ON sha256 = hash
  UNION ALL SELECT source || ' (replay)' FROM wanted JOIN replay ON blob = hash LIMIT ${MOST_USERS}`;

type Blob = { sha256: string; size: number };

export async function verifyBlobs(
  { readers, blobs }: Pick<AreaContext, 'readers' | 'blobs'>,
  collector: Collector,
  { signal, progress }: Pick<ActivityHandle, 'signal' | 'progress'>,
): Promise<VerifyReport> {
  const [total] = await readers.all<{ bytes: number }>('SELECT COALESCE(SUM(size), 0) AS bytes FROM blob');
  const report: VerifyReport = { checked: 0, bytes: 0, problems: [], strays: 0, strayBytes: 0 };
  for (let after = ''; ; ) {
    const page = await readers.all<Blob>(
      'SELECT sha256, size FROM blob WHERE sha256 > ? ORDER BY sha256 LIMIT ?',
      [after, PAGE],
    );
    for (const { sha256, size } of page) {
      signal.throwIfAborted();
      const problem = await problemOf(sha256);
      report.checked += 1;
      report.bytes += size;
      if (problem) {
        const users = await readers.all<{ name: string }>(USERS_SQL, [sha256]);
        // What went for good while this was reading is no loss.
        if (users.length > 0)
          report.problems.push({ sha256, problem, usedBy: users.map(({ name }) => name) });
      }
      progress(
        report.bytes / Math.max(1, total?.bytes ?? 1),
        `${report.checked.toLocaleString('en')} files read`,
      );
    }
    if (page.length < PAGE) break;
    after = page.at(-1)?.sha256 ?? '';
  }
  const strays = await collector.strays(signal, false);
  return { ...report, strays: strays.blobs, strayBytes: strays.bytes };

  async function problemOf(sha256: string): Promise<'missing' | 'changed' | null> {
    try {
      const found = await hashFile(blobs.path(sha256));
      return found.sha256 === sha256 ? null : 'changed';
    } catch {
      return 'missing';
    }
  }
}
