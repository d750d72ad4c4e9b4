/**
 * Secrets in a file that only this user can read; `seal` and `open` turn a value into what is written and back, where
 * the operating system has something better than plain text. Written whole to a temporary name and renamed.
 */
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Secrets } from './host-port.ts';

type Sealing = {
  /** First word of the file, for whoever opens it. */
  note: string;
  seal(value: string): string;
  /** Throws for what it did not seal. */
  open(sealed: string): string;
};

/** Says in the file what it is. */
export const PLAIN: Sealing = {
  note: 'Addresses that Lathe sends alerts to. Whoever can read this file can use them: keep it to yourself.',
  seal: (value) => value,
  open: (sealed) => sealed,
};

export function createSecretFile(file: string, sealing: Sealing): Secrets {
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  };

  async function read(): Promise<Record<string, string>> {
    try {
      const { secrets } = JSON.parse(await readFile(file, 'utf8')) as { secrets?: unknown };
      const entries = Object.entries(Object(secrets)).filter(([, value]) => typeof value === 'string');
      return Object.fromEntries(entries) as Record<string, string>;
    } catch {
      // None yet, or a file someone damaged: what was in it must be entered again.
      return {};
    }
  }

  async function write(secrets: Record<string, string>): Promise<void> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}.tmp`;
    try {
      await writeFile(temporary, `${JSON.stringify({ note: sealing.note, secrets }, null, 2)}\n`, {
        mode: 0o600,
      });
      await chmod(temporary, 0o600);
      await rename(temporary, file);
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
  }

  return {
    set: (name, value) => inTurn(async () => write({ ...(await read()), [name]: sealing.seal(value) })),
    get: (name) =>
      inTurn(async () => {
        const sealed = (await read())[name];
        try {
          return sealed === undefined ? null : sealing.open(sealed);
        } catch {
          return null;
        }
      }),
    remove: (name) =>
      inTurn(async () => {
        const { [name]: gone, ...rest } = await read();
        if (gone !== undefined) await write(rest);
      }),
  };
}
