/** Which paths an artifact may have, and how its bytes are shown. Pure. */
import { LatheError } from '../../../contract/errors.ts';

const MOST_BYTES = 4096;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const FORBIDDEN = /[\u0000-\u001f\u007f\\]/;

/**
 * The path without slashes at its ends. Refused: anything that is no plain relative path, and what would lead
 * upwards after one, two or three more percent-decodings (a proxy or a client may do that). Names with percent
 * signs are common: MLflow writes images/<key>%step%10%timestamp%….
 */
export function checkArtifactPath(path: string): string {
  const clean = path.replace(/\/+$/, '');
  const wrong =
    FORBIDDEN.test(clean) ||
    /^[A-Za-z]:/.test(clean) ||
    clean.split('/').some((part) => part === '..' || part === '.' || part === '');
  if (wrong || Buffer.byteLength(clean) > MOST_BYTES) throw invalidPath();
  let form = clean;
  for (let pass = 0; pass < 3; pass++) {
    const next = decodedOnce(form);
    if (next === form) break;
    if (next.includes('\0') || next.startsWith('/') || next.split(/[/\\]/).includes('..'))
      throw invalidPath();
    form = next;
  }
  return clean;
}

/** A lone percent sign is part of a name; what does decode is looked at decoded. */
const decodedOnce = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => {
    try {
      return decodeURIComponent(codes);
    } catch {
      return codes;
    }
  });

/** What an <img> shows. SVG is one of them: in an <img> it neither runs scripts nor fetches anything. */
const IMAGES = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['svg', 'image/svg+xml'],
]);

export const imageType = (path: string): string | null =>
  IMAGES.get(/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '') ?? null;

/** Null for what is no UTF-8 text. A beginning (`whole` is false) may end inside a character, which is left out. */
export function textOf(bytes: Uint8Array, whole: boolean): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !whole });
  } catch {
    return null;
  }
}

const invalidPath = () => new LatheError('LATHE_INPUT_INVALID', { reason: 'Invalid path' });
