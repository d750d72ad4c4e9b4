/**
 * !!! SECURITY: everything in this file is deny by default. Each rule has a test in e2e/specs/security.spec.ts that
 * attacks it. Do not loosen one without reading https://www.electronjs.org/docs/latest/tutorial/security, a reason
 * in docs/adr and a changed test. !!!
 */
import { app, type Session, shell, type WebContents } from 'electron';
import { outsideUrl } from './outside.ts';
import { APP_ORIGIN, APP_SCHEME } from './protocol.ts';

/** What a window of ours may ask the browser for. */
const PERMISSIONS = new Set(['clipboard-sanitized-write', 'notifications']);
/** How long after a click or a key press a page may open a link outside. */
const GESTURE_MS = 1_000;

/** Guards every session and every page, also those that a mistake or an attacker makes. Call before `ready`. */
export function installGuards(): void {
  // With --no-sandbox, which a container's root needs, enableSandbox would leave Chromium unable to start at all.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  app.on('session-created', guardSession);
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
}

function guardSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, allow) => {
    allow(PERMISSIONS.has(permission) && isOurs(contents?.getURL()));
  });
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => PERMISSIONS.has(permission) && isOurs(origin),
  );
  session.setDevicePermissionHandler(() => false);
  // The page comes from lathe: alone. Nothing it loads may come from the network or from the disk.
  session.webRequest.onBeforeRequest((details, proceed) =>
    proceed({ cancel: !isAllowedRequest(details.url) }),
  );
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(`blob:${APP_ORIGIN}/`)) event.preventDefault();
  });
  // The spell checker would fetch dictionaries.
  session.setSpellCheckerEnabled(false);
}

function isAllowedRequest(url: string): boolean {
  if (isOurs(url) || url.startsWith(`blob:${APP_ORIGIN}/`) || url.startsWith('data:')) return true;
  return !app.isPackaged && url.startsWith('devtools:');
}

function guardContents(contents: WebContents): void {
  let lastGestureMs = Number.NEGATIVE_INFINITY;
  contents.on('input-event', (_event, input) => {
    if (
      input.type === 'mouseDown' ||
      input.type === 'mouseUp' ||
      input.type === 'keyDown' ||
      input.type === 'rawKeyDown'
    )
      lastGestureMs = performance.now();
  });
  const prevent = (event: { preventDefault(): void }) => event.preventDefault();
  contents.on('will-navigate', prevent);
  contents.on('will-redirect', prevent);
  contents.on('will-frame-navigate', prevent);
  contents.on('will-attach-webview', prevent);
  // about:blank is entered without asking anyone; what could not be prevented is taken back.
  contents.on('did-navigate', (_event, url) => {
    if (contents.getType() === 'window' && !isOurs(url)) void contents.loadURL(`${APP_ORIGIN}/`);
  });
  contents.setWindowOpenHandler(({ url }) => {
    if (performance.now() - lastGestureMs < GESTURE_MS) openOutside(url);
    return { action: 'deny' };
  });
}

/** Hands a link to the system's browser or mail program, and nothing else to anything else. */
function openOutside(url: string): void {
  const outside = outsideUrl(url);
  if (outside !== null) void shell.openExternal(outside);
}

/** Compared as parsed origin: "lathe://app.evil" and "lathe://app@evil" are not ours. */
export function isOurs(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return protocol === `${APP_SCHEME}:` && host === 'app';
}
