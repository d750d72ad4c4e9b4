/**
 * Where the files of a version lie, from what its client named. A source never leads out of the run or the logged
 * model it names: whoever may register a version must not make the server hand out other files.
 */
import { LatheError } from '../../../contract/errors.ts';

export type SourceFacts = {
  /** mlflow-artifacts:/1/<run>/artifacts, or null when there is no such run. */
  runRoot(run: string): string | null;
  /** The logged model's root and run, or null. */
  loggedModel(id: string): { root: string; run: string | null } | null;
  /** Of a registered version, by its number or alias: where its files lie, and what it came from. */
  registered(model: string, version: string): Located;
};
/** `source` is what is kept as the version's source: an alias could move. */
export type Located = { source: string; location: string; run: string; loggedModel: string | null };

const invalid = (reason: string) => new LatheError('LATHE_INPUT_INVALID', { reason });
const OURS = 'mlflow-artifacts:/';
/** What MLflow writes as the source of a prompt. */
const PROMPT_SOURCES = ['dummy-source', 'prompt-template'];

export function locateSource(
  given: { source: string; run: string; loggedModel: string; isPrompt: boolean },
  facts: SourceFacts,
): Located {
  const { source, run, loggedModel } = given;
  if (given.isPrompt) {
    if (!PROMPT_SOURCES.includes(source))
      throw invalid(
        `Invalid prompt source: '${source.slice(0, 200)}'. Prompt sources must use an MLflow placeholder.`,
      );
    return { source, location: '', run, loggedModel: null };
  }
  checkNoWayUp(source);
  const model = loggedModel ? facts.loggedModel(loggedModel) : null;
  if (loggedModel && !model) throw notFound('logged model', loggedModel);
  const owner = { source, run: run || (model?.run ?? ''), loggedModel: loggedModel || null };
  // One letter is a drive of Windows.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(source)?.[1]?.toLowerCase();

  if (scheme === undefined || scheme === 'file') {
    const root = model ? model.root : run ? facts.runRoot(run) : null;
    if (root !== null && /^(\/|file:)/.test(root) && isBelow(localPath(source), localPath(root)))
      return { ...owner, location: source };
    throw invalid(
      `Invalid model version source: '${source}'. To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.`,
    );
  }
  if (scheme === 'runs') {
    const [, id = '', path = ''] = /^runs:\/+([^/]+)\/?(.*)$/.exec(source) ?? [];
    if (!run || id !== run) throw wrongOwner(source, 'run_id');
    const root = facts.runRoot(id);
    if (root === null) throw notFound('run', id);
    return { ...owner, location: path ? `${root}/${path}` : root };
  }
  if (scheme === 'models') {
    const address = source.replace(/^models:\/+/, '');
    if (!address.includes('/') && !address.includes('@')) {
      if (!model || address !== loggedModel) throw wrongOwner(source, 'model_id');
      return { ...owner, location: model.root };
    }
    const [, name = '', number = ''] = /^(.+?)[/@]([^/@]+)$/.exec(address) ?? [];
    const found = facts.registered(name, number);
    if ((run && run !== found.run) || (loggedModel && loggedModel !== found.loggedModel))
      throw invalid(
        `Invalid model version source: '${source}'. The run_id and model_id request parameters must match the referenced model version.`,
      );
    return found;
  }
  if (scheme === 'mlflow-artifacts') {
    const path = normalised(source);
    const roots = model ? [model.root] : run ? [facts.runRoot(run)] : [];
    const inside = roots.some((root) => root !== null && isBelow(path, normalised(root)));
    if (!inside) throw wrongOwner(source, model ? 'model_id' : 'run_id');
    return { ...owner, location: `${OURS}${path}` };
  }
  return { ...owner, location: source };
}

const isBelow = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

const localPath = (uri: string): string =>
  uri
    .replace(/^file:(\/\/[^/]*)?(?=\/)/, '')
    .replace(/\/+/g, '/')
    .replace(/\/$/, '');

/** The path below the artifact root, whether or not the address names a host. */
const normalised = (uri: string): string =>
  uri
    .replace(/^mlflow-artifacts:\/\/[^/]+(?=\/)/, 'mlflow-artifacts:')
    .slice(OURS.length - 1)
    .replace(/\/+/g, '/')
    .replace(/^\/|\/$/g, '');

/** Looks at every decoding, as a server further on might decode again. */
function checkNoWayUp(source: string): void {
  let form = source;
  for (let pass = 0; pass < 5; pass++) {
    const path = form.replace(/^[a-z][a-z0-9+.-]*:/i, '');
    if (form.includes('\0') || path.split(/[/\\]/).some((part) => part === '..' || part === '.'))
      throw invalid(
        `Invalid model version source: '${source.slice(0, 500)}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
      );
    let next = form;
    try {
      next = decodeURIComponent(form);
    } catch {
      return;
    }
    if (next === form) return;
    form = next;
  }
}

const notFound = (kind: string, name: string) => new LatheError('LATHE_NOT_FOUND', { kind, name });
const wrongOwner = (source: string, field: string) =>
  invalid(
    `Invalid model version source: '${source}'. The ${field} request parameter must identify the resource that contains the source.`,
  );
