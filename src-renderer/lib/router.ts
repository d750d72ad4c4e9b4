/**
 * Hash routes, so that the same files work under lathe://app/ and http://. Links are plain paths
 * such as /models/flight-delay, as the engine writes them in `href`; `parseRoute` makes them typed.
 */
import { useMemo, useSyncExternalStore } from 'react';

export type Route =
  | { view: 'overview' }
  | { view: 'experiments' }
  | { view: 'experiments'; experiment: string }
  | { view: 'experiments'; run: string }
  | { view: 'compare' }
  | { view: 'datasets'; dataset?: string }
  | { view: 'models'; model?: string }
  | { view: 'serving'; endpoint?: string }
  | { view: 'monitoring'; endpoint?: string; feature?: string }
  | { view: 'alerts'; alert?: string }
  | { view: 'activity' }
  | { view: 'trash' }
  | { view: 'settings' }
  | { view: 'not-found'; path: string };
export type ViewName = Exclude<Route['view'], 'not-found'>;

export type Location = { path: string; query: Readonly<Record<string, string>> };

export function parseLocation(hash: string): Location {
  const text = hash.replace(/^#/, '') || '/';
  const cut = text.indexOf('?');
  const path = cut < 0 ? text : text.slice(0, cut);
  const query = cut < 0 ? {} : Object.fromEntries(new URLSearchParams(text.slice(cut + 1)));
  return { path: path.startsWith('/') ? path : `/${path}`, query };
}

export function parseRoute(path: string): Route {
  const parts = path.split('/').filter(Boolean).map(decode);
  const [area, first, second] = parts;
  const notFound: Route = { view: 'not-found', path };
  if (area === undefined) return { view: 'overview' };
  if (area === 'runs') return first && parts.length === 2 ? { view: 'experiments', run: first } : notFound;
  if (area === 'monitoring' && parts.length <= 3)
    return {
      view: 'monitoring',
      ...(first ? { endpoint: first } : {}),
      ...(second ? { feature: second } : {}),
    };
  if (parts.length > 2) return notFound;
  switch (area) {
    case 'experiments':
      return first ? { view: 'experiments', experiment: first } : { view: 'experiments' };
    case 'datasets':
      return first ? { view: 'datasets', dataset: first } : { view: 'datasets' };
    case 'models':
      return first ? { view: 'models', model: first } : { view: 'models' };
    case 'serving':
      return first ? { view: 'serving', endpoint: first } : { view: 'serving' };
    case 'alerts':
      return first ? { view: 'alerts', alert: first } : { view: 'alerts' };
    case 'compare':
      return first ? notFound : { view: 'compare' };
    case 'activity':
      return first ? notFound : { view: 'activity' };
    case 'trash':
      return first ? notFound : { view: 'trash' };
    case 'settings':
      return first ? notFound : { view: 'settings' };
    default:
      return notFound;
  }
}

/** A path from segments, each encoded: pathTo('models', 'a b') is /models/a%20b. */
export const pathTo = (...segments: string[]): string => `/${segments.map(encodeURIComponent).join('/')}`;

/** Runs side by side; the first one is the baseline. */
export const pathToComparison = (runs: readonly string[]): string =>
  runs.length === 0 ? '/compare' : `/compare?runs=${runs.map(encodeURIComponent).join(',')}`;

/** Goes to a path; `replace` leaves no entry in the history. */
export function navigate(path: string, options: { replace?: boolean } = {}): void {
  if (options.replace) {
    history.replaceState(null, '', `#${path}`);
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  } else window.location.hash = path;
}

/** The page that is shown, without its query. */
export const currentPath = (): string => parseLocation(window.location.hash).path;

export function useLocation(): Location {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return useMemo(() => parseLocation(hash), [hash]);
}

export function useRoute(): Route {
  const { path } = useLocation();
  return useMemo(() => parseRoute(path), [path]);
}

/** Writes view state that a link should carry (a tab, a filter) into the query; null removes a key. */
export function setQuery(patch: Record<string, string | null>): void {
  const { path, query } = parseLocation(window.location.hash);
  const next = new URLSearchParams(query);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  const text = next.toString();
  navigate(text ? `${path}?${text}` : path, { replace: true });
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
