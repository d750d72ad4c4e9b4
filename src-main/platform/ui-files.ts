/**
 * The built UI as both hosts serve it: which file a URL path names, its type, and the headers that go with it.
 *
 * !!! SECURITY: a path that leaves the folder, by any spelling or by a symbolic link, names nothing. Do not loosen
 * the policy below without a reason in docs/adr and a test in e2e/specs/security.spec.ts. !!!
 */
import { realpath, stat } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';

export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Sent with every response that a page is made of. */
export const UI_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
};

export type UiFile = { file: string; type: string; cache: string };

/**
 * The file that a URL path names. `urlPath` is the path as it came, percent-encoded, without the query.
 * 400: no honest client writes such a path. 404: no such file.
 */
export async function findUiFile(root: string, urlPath: string): Promise<UiFile | 400 | 404> {
  const path = decode(urlPath);
  if (path === null) return 400;
  const candidate = join(root, path === '/' ? 'index.html' : path);
  if (!isInside(root, candidate)) return 400;
  try {
    const [realRoot, file] = await Promise.all([realpath(root), realpath(candidate)]);
    if (!isInside(realRoot, file) || !(await stat(file)).isFile()) return 404;
    // Vite names everything in assets/ by its content.
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    return { file, type: TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream', cache };
  } catch {
    return 404;
  }
}

/** Decoded once; null for an encoding, a byte or a segment that has no place in a path of ours. */
function decode(urlPath: string): string | null {
  if (!urlPath.startsWith('/') || /%(?:2f|5c|00|25)/i.test(urlPath)) return null;
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (path.includes('\0') || path.includes('\\')) return null;
  return path.split('/').some((segment) => segment === '..' || segment === '.') ? null : path;
}

function isInside(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
