/** Which interpreter a command runs in, and which packages that one has: asked of the interpreter itself. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { ask, askText } from './ask.ts';
import { textWithoutCredentials } from './secrets.ts';

export type Interpreter = {
  /** Such as "CPython 3.12.1" or "Node 24.1.0". */
  title: string;
  path: string;
  /** As `pip freeze` writes them, one a line; null when it has none to tell of. */
  requirements: string | null;
};

export type LockFile = { name: string; text: string };

const PYTHON = /^python(\d+(\.\d+)*)?(\.exe)?$/i;
const NODE = /^node(\.exe)?$/i;
const MOST_LOCK_BYTES = 10 * 1024 * 1024;

/** The file that a command's first word names, as a shell finds it; null when there is none. */
export function findProgram(name: string, cwd: string, env: NodeJS.ProcessEnv = process.env): string | null {
  const extensions = process.platform === 'win32' ? ['', ...(env.PATHEXT ?? '.EXE').split(';')] : [''];
  const folders = /[\\/]/.test(name) ? [''] : (env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const folder of folders)
    for (const extension of extensions) {
      const file = resolve(cwd, folder, `${name}${extension}`);
      if (isProgram(file)) return file;
    }
  return null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Null where the command is no script of Python or Node: a shell script, a binary. */
export async function findInterpreter(argv: readonly string[], cwd: string): Promise<Interpreter | null> {
  const program = findProgram(argv[0] ?? '', cwd);
  if (!program) return null;
  const name = basename(program);
  if (NODE.test(name)) return nodeAt(program);
  const python = PYTHON.test(name)
    ? program
    : /^(uv|uvx|poetry|pdm|hatch|pipenv|conda|mamba|make|bash|sh|env)$/.test(name)
      ? projectPython(cwd)
      : await pythonOfScript(program, cwd);
  return python ? pythonAt(python, cwd) : null;
}

/** What a script's first line names: `torchrun`, `accelerate` and other entry points are such scripts. */
async function pythonOfScript(file: string, cwd: string): Promise<string | null> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    const line = buffer.toString('utf8', 0, bytesRead).split('\n', 1)[0] ?? '';
    if (!line.startsWith('#!')) return null;
    const words = line.slice(2).trim().split(/\s+/);
    const named =
      basename(words[0] ?? '') === 'env'
        ? words.find((word, at) => at > 0 && !word.startsWith('-'))
        : words[0];
    return named && PYTHON.test(basename(named)) ? findProgram(named, cwd) : null;
  } finally {
    await handle.close();
  }
}

/** A launcher such as `uv run` takes the project's environment, or the one that is active. */
function projectPython(cwd: string): string | null {
  const below = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';
  const active = process.env.VIRTUAL_ENV ?? process.env.CONDA_PREFIX;
  const candidates = [
    ...parents(cwd).map((folder) => join(folder, '.venv', below)),
    ...(active ? [join(active, below)] : []),
  ];
  return candidates.find(isProgram) ?? null;
}

const parents = (folder: string): string[] => {
  const up = dirname(folder);
  return up === folder ? [folder] : [folder, ...parents(up)];
};

async function nodeAt(path: string): Promise<Interpreter> {
  const version = await askText(path, ['--version'], { limitMs: 10_000 });
  return { title: `Node ${version?.replace(/^v/, '') ?? '(version unknown)'}`, path, requirements: null };
}

/**
 * Prints JSON: the version, then each package as name, version and where it was installed from. The folder of the
 * command must not be looked into: a `json.py` there would be taken for Python's own.
 */
const LIST = `
import sys
sys.path[:] = [p for p in sys.path if p]
import json, platform
from importlib import metadata
found = []
for one in metadata.distributions():
    name = one.metadata["Name"]
    if name:
        found.append([name, one.version, one.read_text("direct_url.json")])
print(json.dumps([platform.python_implementation() + " " + platform.python_version(), sys.executable, found]))
`;

async function pythonAt(path: string, cwd: string): Promise<Interpreter> {
  const said = await ask(path, ['-c', LIST], { cwd, limitMs: 60_000 });
  try {
    const [title, executable, packages] = JSON.parse(said.stdout.toString()) as [string, string, Package[]];
    return { title, path: executable || path, requirements: freeze(packages) };
  } catch {
    const version = await askText(path, ['--version'], { cwd, limitMs: 10_000 });
    return { title: version ?? 'Python (it did not start)', path, requirements: null };
  }
}

type Package = [name: string, version: string, directUrl: string | null];

/** Requirements with exact versions, sorted by name; of one name the first that Python would import. */
export function freeze(packages: readonly Package[]): string {
  const lines = new Map<string, string>();
  for (const [name, version, directUrl] of packages) {
    const key = name.toLowerCase().replace(/[-_.]+/g, '-');
    if (!lines.has(key)) lines.set(key, `${requirement(name, version, directUrl)}\n`);
  }
  const sorted = [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
  return textWithoutCredentials(sorted.join(''));
}

/** PEP 610: what was installed from an address or a folder rather than from an index. */
function requirement(name: string, version: string, directUrl: string | null): string {
  const pinned = `${name}==${version}`;
  if (directUrl === null) return pinned;
  try {
    const {
      url,
      vcs_info: vcs,
      dir_info: folder,
    } = JSON.parse(directUrl) as {
      url?: string;
      vcs_info?: { vcs?: string; commit_id?: string };
      dir_info?: { editable?: boolean };
    };
    if (typeof url !== 'string') return pinned;
    if (vcs?.vcs && vcs.commit_id) return `${name} @ ${vcs.vcs}+${url}@${vcs.commit_id}`;
    return folder?.editable ? `# Editable install (${pinned})\n-e ${url}` : `${name} @ ${url}`;
  } catch {
    return pinned;
  }
}

/** Lock files that say what the environment was made from: uv's of the project, and conda's own records. */
export async function lockFiles(cwd: string, interpreter: Interpreter | null): Promise<LockFile[]> {
  const found: LockFile[] = [];
  const uv = parents(cwd)
    .map((folder) => join(folder, 'uv.lock'))
    .find(existsSync);
  if (uv && (await stat(uv)).size <= MOST_LOCK_BYTES)
    found.push({ name: 'uv.lock', text: textWithoutCredentials(await readFile(uv, 'utf8')) });
  const conda =
    interpreter && isAbsolute(interpreter.path)
      ? await condaExplicit(dirname(dirname(interpreter.path)))
      : null;
  if (conda) found.push({ name: 'conda-explicit.txt', text: conda });
  return found;
}

/** What `conda list --explicit --md5` prints, from the records that conda keeps of an environment. */
async function condaExplicit(prefix: string): Promise<string | null> {
  const folder = join(prefix, 'conda-meta');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  const lines: string[] = [];
  for (const name of names)
    try {
      const { url, md5 } = JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, unknown>;
      if (typeof url === 'string') lines.push(typeof md5 === 'string' ? `${url}#${md5}` : url);
    } catch {
      // Not a package's record.
    }
  return lines.length === 0 ? null : textWithoutCredentials(`@EXPLICIT\n${lines.join('\n')}\n`);
}
