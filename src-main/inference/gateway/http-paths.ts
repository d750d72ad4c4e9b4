/** The protocol's paths: which resource one names, and the model and version in it. */

/** What a path stands for; the handlers have the same names. */
export type Resource =
  | 'server'
  | 'live'
  | 'ready'
  | 'metadata'
  | 'modelReady'
  | 'infer'
  | 'config'
  | 'stats'
  | 'index'
  | 'load'
  | 'unload'
  | 'feedback'
  | 'businessMetrics'
  | 'unsupported'
  | 'metrics'
  | 'openapi'
  | 'docs'
  | 'docsStyle';

/** `name` is empty where the path has none; for `unsupported` it says what is not there. */
export type Target = { resource: Resource; name: string; version: string | null };

/** Paths without a name in them. */
export const FIXED: Readonly<Record<string, Resource>> = {
  '/v2': 'server',
  '/v2/health/live': 'live',
  '/v2/health/ready': 'ready',
  '/v2/models/stats': 'stats',
  '/v2/lathe/feedback': 'feedback',
  '/v2/lathe/business-metrics': 'businessMetrics',
  '/metrics': 'metrics',
  '/openapi.json': 'openapi',
  '/docs': 'docs',
  '/docs.css': 'docsStyle',
};
/** What follows a model's name, or its version's. */
export const OF_MODEL: Readonly<Record<string, Resource>> = {
  '': 'metadata',
  ready: 'modelReady',
  infer: 'infer',
  config: 'config',
  stats: 'stats',
};
const OF_REPOSITORY = /^\/v2\/repository(?:\/[^/]+)?\/(?:(index)|models\/([^/]+)\/(load|unload))$/;
/** Parts of the protocol that have paths of their own and are not served here. */
const UNSUPPORTED: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^\/v2\/systemsharedmemory\//, 'system shared memory'],
  [/^\/v2\/cudasharedmemory\//, 'CUDA shared memory'],
  [/^\/v2\/(?:models\/[^/]+\/)?trace\/setting$/, 'trace settings'],
  [/^\/v2\/logging$/, 'log settings'],
  [/^\/v2\/models\/[^/]+(?:\/versions\/[0-9]+)?\/generate(?:_stream)?$/, 'the generate extension'],
];
const MODELS = '/v2/models/';

/** The target of a request's URL, or null when there is nothing there. */
export function findTarget(url: string): Target | null {
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const found = Object.hasOwn(FIXED, path)
    ? target(FIXED[path])
    : path.startsWith(MODELS)
      ? ofModel(path)
      : ofRepository(path);
  return found ?? unsupported(path);
}

/** On every inference request's way, hence without splitting or matching what is plain. */
function ofModel(path: string): Target | null {
  const nameEnd = path.indexOf('/', MODELS.length);
  if (nameEnd < 0) return ofVerb('', path.slice(MODELS.length), null);
  const name = path.slice(MODELS.length, nameEnd);
  const verb = path.slice(nameEnd + 1);
  const versioned = /^versions\/([0-9]+)(?:\/(.+))?$/.exec(verb);
  if (versioned) return ofVerb(versioned[2] ?? '', name, versioned[1] ?? null);
  return verb === '' ? null : ofVerb(verb, name, null);
}

const ofVerb = (verb: string, name: string, version: string | null): Target | null =>
  name !== '' && Object.hasOwn(OF_MODEL, verb) ? target(OF_MODEL[verb], decoded(name), version) : null;

function ofRepository(path: string): Target | null {
  const match = OF_REPOSITORY.exec(path);
  if (!match) return null;
  const [, index, name = '', verb] = match;
  return target((index ?? verb) as 'index' | 'load' | 'unload', decoded(name));
}

function unsupported(path: string): Target | null {
  const found = UNSUPPORTED.find(([pattern]) => pattern.test(path));
  return found ? target('unsupported', found[1]) : null;
}

const target = (resource: Resource | undefined, name = '', version: string | null = null): Target | null =>
  resource ? { resource, name, version } : null;

/** A name that is not valid percent encoding stays as it is, and names no model. */
function decoded(name: string): string {
  if (!name.includes('%')) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
