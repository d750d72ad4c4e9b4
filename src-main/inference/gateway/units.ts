/** What a request's unit is: the name under which the route's stickiness knows it. */
import type { Sticky } from '../../contract/serving-route.ts';

/** Where a request can name its unit. Headers are gRPC's metadata there. */
export type Named = {
  /** The parameter lathe_unit. */
  unit: string | null;
  /** By its name in lower case; null when it is missing or empty. */
  header(name: string): string | null;
};

const DEFAULT: Sticky = { kind: 'unit' };

/** Null when the request names none: then its input stands for it. */
export function unitOf(named: Named, sticky: Sticky = DEFAULT): string | null {
  if (sticky.kind === 'unit') return named.unit ?? named.header('x-lathe-unit') ?? named.header('x-user-id');
  if (sticky.kind === 'header') return named.header(sticky.name);
  return sticky.kind === 'cookie' ? cookieOf(named.header('cookie'), sticky.name) : null;
}

/** The first cookie of that name, as it was sent. */
function cookieOf(header: string | null, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || null;
  }
  return null;
}
