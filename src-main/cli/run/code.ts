/**
 * Which code runs: commit, branch and remote of the repository around a folder, and what differs from the commit as a
 * patch that `git apply` takes. Nothing of the repository is changed, not even its index.
 */
import { copyFile, lstat, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ask, type Said } from './ask.ts';
import { isSecretFile, withoutCredentials } from './secrets.ts';

export type Code = {
  commit: string | null;
  /** Null when no branch is checked out. */
  branch: string | null;
  /** Address of the remote that the branch follows, without credentials. */
  remote: string | null;
  /** How many files git knows differ from the commit, and how many it does not know. */
  changed: number;
  untracked: number;
  /** Null when nothing differs. */
  patch: Buffer | null;
  /** What the patch lacks, and why, a sentence each. */
  leftOut: string[];
};

export const MOST_PATCH_BYTES = 10 * 1024 * 1024;
/** One changed file larger than this would take the room of all others. */
const MOST_CHANGED_BYTES = 5 * 1024 * 1024;
const MOST_NEW_BYTES = 1024 * 1024;
const MOST_NEW_FILES = 500;
const MOST_TOLD = 20;

/** Rejects never: what could not be found out is told as a reason. */
export async function captureCode(
  cwd: string,
  options: { mostBytes?: number } = {},
): Promise<Code | { reason: string }> {
  const top = await git(cwd, ['rev-parse', '--show-toplevel']);
  if (top.missing) return { reason: 'git is not installed' };
  if (top.code !== 0) return { reason: reasonOf(top) };
  const root = text(top);
  const [head, branch] = await Promise.all([
    git(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
    git(root, ['symbolic-ref', '--quiet', '--short', 'HEAD']),
  ]);
  const commit = head.code === 0 ? text(head) : null;
  const name = branch.code === 0 ? text(branch) : null;
  const base =
    commit ?? text(await git(root, ['hash-object', '-t', 'tree', '--stdin'], { input: Buffer.alloc(0) }));
  const remote = await remoteOf(root, name);
  const changes = await changesSince(root, base, options.mostBytes ?? MOST_PATCH_BYTES);
  return { commit, branch: name, remote, ...changes };
}

async function remoteOf(root: string, branch: string | null): Promise<string | null> {
  const followed =
    branch === null ? null : text(await git(root, ['config', '--get', `branch.${branch}.remote`]));
  const remotes = text(await git(root, ['remote'])).split('\n');
  const name = [followed, 'origin', ...remotes].find((one) => one && remotes.includes(one));
  if (!name) return null;
  // As it was written: a rewritten one (url.<base>.insteadOf) may carry a token.
  const url = text(await git(root, ['config', '--get', `remote.${name}.url`]));
  return url === '' ? null : withoutCredentials(url);
}

async function changesSince(root: string, base: string, mostBytes: number) {
  const [changedNames, newNames] = await Promise.all([
    git(root, ['diff', base, '--name-only', '--no-renames', '-z']).then(names),
    git(root, ['ls-files', '--others', '--exclude-standard', '-z']).then(names),
  ]);
  const leftOut: string[] = [];
  const large: string[] = [];
  for (const path of changedNames) {
    const size = await sizeOf(root, path);
    if (size !== null && size > MOST_CHANGED_BYTES) large.push(path);
  }
  for (const path of large) leftOut.push(`${shown(path)}: changed, larger than ${mebi(MOST_CHANGED_BYTES)}`);
  const taken = await newFilesToTake(root, newNames, leftOut);
  const folder = await mkdtemp(join(tmpdir(), 'lathe-index-'));
  try {
    const index = await indexWith(root, join(folder, 'index'), taken);
    const exclude = large.map((path) => `:(top,exclude,literal)${path}`);
    const diff = await git(
      root,
      [
        ...['diff', base, '--binary', '--full-index', '--no-color', '--no-ext-diff', '--no-textconv'],
        ...['--src-prefix=a/', '--dst-prefix=b/', '--submodule=short', '--', ':/', ...exclude],
      ],
      { index, mostBytes },
    );
    if (diff.code !== 0 && !diff.cut) leftOut.push(`all changes: ${reasonOf(diff)}`);
    const whole = diff.cut ? upToLastFile(diff.stdout) : diff.code === 0 ? diff.stdout : Buffer.alloc(0);
    if (diff.cut)
      leftOut.push(
        `${changedNames.length + taken.length - large.length - filesIn(whole)} more files: the patch would be larger than ${mebi(mostBytes)}`,
      );
    const patch = whole.length === 0 && leftOut.length === 0 ? null : withHeader(whole, base, leftOut);
    return { changed: changedNames.length, untracked: newNames.length, patch, leftOut };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** New files that are small, no keys and not too many; what is not taken is told. */
async function newFilesToTake(root: string, paths: readonly string[], leftOut: string[]): Promise<string[]> {
  const taken: string[] = [];
  let more = 0;
  for (const path of paths) {
    // Another repository inside this one.
    const size = path.endsWith('/') ? null : await sizeOf(root, path);
    const why =
      size === null
        ? 'not a file'
        : isSecretFile(path)
          ? 'its name says that it holds secrets'
          : size > MOST_NEW_BYTES
            ? `new, larger than ${mebi(MOST_NEW_BYTES)}`
            : taken.length >= MOST_NEW_FILES
              ? `more than ${MOST_NEW_FILES} new files`
              : null;
    if (why === null) taken.push(path);
    else if (leftOut.length < MOST_TOLD) leftOut.push(`${shown(path)}: ${why}`);
    else more += 1;
  }
  if (more > 0) leftOut.push(`${more} more new files`);
  return taken;
}

/** A copy of the index that knows the new files too, so that git itself writes them into the patch. */
async function indexWith(root: string, copy: string, paths: readonly string[]): Promise<string> {
  const original = resolve(root, text(await git(root, ['rev-parse', '--git-path', 'index'])));
  const found = await stat(original).catch(() => null);
  // A repository without a commit may have none yet.
  if (found) {
    await copyFile(original, copy);
    // By the index's own time git knows which files it must read because they changed within the same tick.
    const seconds = Math.floor(found.mtimeMs / 1000);
    await utimes(copy, seconds, seconds);
  }
  if (paths.length > 0)
    await git(root, ['add', '--intent-to-add', '--pathspec-from-file=-', '--pathspec-file-nul'], {
      index: copy,
      literal: true,
      input: Buffer.from(paths.map((path) => `${path}\0`).join('')),
    });
  return copy;
}

const BEGIN = '\ndiff --git ';

function upToLastFile(patch: Buffer): Buffer {
  const cut = patch.lastIndexOf(BEGIN);
  return cut < 0 ? Buffer.alloc(0) : patch.subarray(0, cut + 1);
}

function filesIn(patch: Buffer): number {
  let count = patch.length > 0 ? 1 : 0;
  for (let at = patch.indexOf(BEGIN); at >= 0; at = patch.indexOf(BEGIN, at + 1)) count += 1;
  return count;
}

/** `git apply` skips what stands before the first file. */
function withHeader(patch: Buffer, base: string, leftOut: readonly string[]): Buffer {
  const lines = [
    `# What differed from ${base} when the run began`,
    ...leftOut.map((one) => `# Left out: ${one}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), patch]);
}

function git(
  cwd: string,
  args: readonly string[],
  options: { index?: string; literal?: boolean; input?: Buffer; mostBytes?: number } = {},
): Promise<Said> {
  return ask('git', ['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=true', ...args], {
    cwd,
    limitMs: 120_000,
    env: {
      ...process.env,
      GIT_OPTIONAL_LOCKS: '0',
      GIT_TERMINAL_PROMPT: '0',
      GIT_PAGER: 'cat',
      LC_ALL: 'C',
      ...(options.index ? { GIT_INDEX_FILE: options.index } : {}),
      ...(options.literal ? { GIT_LITERAL_PATHSPECS: '1' } : {}),
    },
    ...(options.input ? { input: options.input } : {}),
    ...(options.mostBytes ? { mostBytes: options.mostBytes } : {}),
  });
}

const text = ({ code, stdout }: Said): string => (code === 0 ? stdout.toString().replace(/\r?\n$/, '') : '');
const names = ({ stdout }: Said): string[] => stdout.toString().split('\0').filter(Boolean);
const sizeOf = (root: string, path: string): Promise<number | null> =>
  lstat(join(root, path)).then(
    (found) => (found.isFile() || found.isSymbolicLink() ? found.size : null),
    () => null,
  );
/** A name on one line. */
const shown = (path: string): string =>
  /^[\p{L}\p{N}\p{P}\p{S} ]+$/u.test(path) ? path : JSON.stringify(path);
const mebi = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;

function reasonOf({ stderr, code }: Said): string {
  if (/not a git repository/i.test(stderr)) return 'the folder is in no git repository';
  const line = stderr.split('\n').find((one) => one.trim() !== '');
  return line ? `git said: ${line.replace(/^fatal: /, '').slice(0, 300)}` : `git ended with ${code}`;
}
