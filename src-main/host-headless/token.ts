/**
 * The access token of the headless UI. It stays the same for a workspace, so that an open tab survives a restart;
 * it lies in a file that only this user can read, and is compared in constant time.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The workspace's token: 32 random bytes, made when there is none. */
export async function ensureToken(workspace: string): Promise<string> {
  const file = join(workspace, 'run', 'token');
  const present = await readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  if (TOKEN.test(present)) {
    await chmod(file, 0o600);
    return present;
  }
  const token = randomBytes(32).toString('base64url');
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${token}\n`, { mode: 0o600 });
  await rename(temporary, file);
  return token;
}

/** Hashed first, so that neither content nor length shows in the time it takes. */
export function isSameToken(given: string | null | undefined, expected: string): boolean {
  return timingSafeEqual(digest(given ?? ''), digest(expected));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
