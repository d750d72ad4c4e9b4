/**
 * Secrets in a file that only this user can read; `seal` and `open` turn a value into what is written and back, where
 * the operating system has something better than plain text.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeWhole } from './durable.ts';
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

  /** Rejects where the file is there and cannot be read: what is in it must not be taken for nothing and overwritten. */
  async function read(): Promise<Record<string, string>> {
    const text = await readFile(file, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return '{}';
      throw thrown;
    });
    try {
      const { secrets } = JSON.parse(text) as { secrets?: unknown };
      const entries = Object.entries(Object(secrets)).filter(([, value]) => typeof value === 'string');
      return Object.fromEntries(entries) as Record<string, string>;
    } catch {
      // Someone damaged it: what was in it must be entered again.
      return {};
    }
  }

  async function write(secrets: Record<string, string>): Promise<void> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeWhole(file, `${JSON.stringify({ note: sealing.note, secrets }, null, 2)}\n`);
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
