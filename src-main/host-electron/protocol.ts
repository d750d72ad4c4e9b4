/** The custom scheme that the window is loaded from: `lathe://app/`, a secure origin of its own, never `file:`. */
import { readFile } from 'node:fs/promises';
import { protocol } from 'electron';
import { findUiFile, UI_HEADERS } from '../platform/ui-files.ts';

export const APP_SCHEME = 'lathe';
export const APP_ORIGIN = 'lathe://app';

/** Must run before `ready`. No bypassCSP, no service workers, no CORS exception. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: APP_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
    },
  ]);
}

/** Serves the built renderer. `root` may lie inside the app's archive. */
export function serveRenderer(root: string): void {
  protocol.handle(APP_SCHEME, async (request) => {
    const { host, pathname } = new URL(request.url);
    if (host !== 'app') return refuse(404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    const found = await findUiFile(root, pathname);
    if (typeof found === 'number') return refuse(found);
    const headers = { ...UI_HEADERS, 'content-type': found.type, 'cache-control': found.cache };
    return new Response(await readFile(found.file), { headers });
  });
}

const refuse = (status: number): Response => new Response(null, { status, headers: UI_HEADERS });
