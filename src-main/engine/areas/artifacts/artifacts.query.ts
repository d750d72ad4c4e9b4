/** Folders of artifacts on a reader thread: one may hold a hundred thousand files. */
import type { ArtifactEntry } from '../../../contract/artifacts.ts';
import type { Readers } from '../../data/readers.ts';

/** A folder's text ends with "/"; "0" is the character after it, so `path0` comes after all that is in the folder. */
const isFolder = (text: string) => `substr(${text}, -1) = '/'`;
const passed = (text: string) => `substr(${text}, 1, length(${text}) - 1) || '0'`;
const within = (text: string) => `a.path > ${text} AND a.path < ${passed(text)}`;

/** The first child at or after `from`: a file's path, or a folder's with "/". Needs `b`. */
const childFrom = (from: string) =>
  `(SELECT CASE instr(substr(a.path, b.skip), '/') WHEN 0 THEN a.path
      ELSE substr(a.path, 1, b.skip - 1 + instr(substr(a.path, b.skip), '/')) END
    FROM artifact a WHERE a.path >= ${from} AND a.path < b.stop ORDER BY a.path LIMIT 1)`;

const PAGE = `
WITH RECURSIVE b(start, stop, skip) AS (SELECT ?, ?, ?),
child(path) AS (
  SELECT ${childFrom('b.start')} FROM b
  UNION ALL
  SELECT ${childFrom(`CASE WHEN ${isFolder('c.path')} THEN ${passed('c.path')} ELSE c.path || char(0) END`)}
  FROM child c, b WHERE c.path IS NOT NULL
  LIMIT ?)
SELECT path,
  CASE WHEN ${isFolder('path')} THEN (SELECT SUM(a.size) FROM artifact a WHERE ${within('child.path')})
    ELSE (SELECT a.size FROM artifact a WHERE a.path = child.path) END AS size,
  CASE WHEN ${isFolder('path')} THEN (SELECT COUNT(*) FROM artifact a WHERE ${within('child.path')}) ELSE 1 END AS files
FROM child WHERE path IS NOT NULL`;

/** What lies directly in the folder, by name, from `after` (the `next` of the page before) on. One look-up a child. */
export async function pageOfFolder(
  readers: Readers,
  page: { folder: string; after: string | null; limit: number },
): Promise<{ entries: ArtifactEntry[]; next: string | null }> {
  const { folder, after, limit } = page;
  const prefix = `${folder}/`;
  const start = after?.endsWith('/') ? `${after.slice(0, -1)}0` : `${after}\u0000`;
  const found = await readers.all<{ path: string; size: number; files: number }>(PAGE, [
    after === null ? prefix : `${prefix}${start}`,
    `${folder}0`,
    [...prefix].length + 1,
    limit + 1,
  ]);
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    entries: shown.map(({ path, size, files }) => {
      const name = path.slice(prefix.length).replace(/\/$/, '');
      return { name, path: `${prefix}${name}`, isFolder: path.endsWith('/'), size, files };
    }),
    next: last && found.length > limit ? last.path.slice(prefix.length) : null,
  };
}
