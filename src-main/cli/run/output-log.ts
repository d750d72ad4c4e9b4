/** What a command prints, kept in a file: the beginning and the end, when it is very much. */
import { closeSync, mkdtempSync, openAsBlob, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type OutputLog = {
  write(part: Uint8Array): void;
  /** All of it; the file behind it lives until `remove`. */
  finish(): Promise<Blob>;
  remove(): void;
};

const MOST_BEGINNING = 32 * 1024 * 1024;
/** The end has the error that ended it. */
const MOST_END = 4 * 1024 * 1024;

export function openOutputLog(limits = { beginning: MOST_BEGINNING, end: MOST_END }): OutputLog {
  const folder = mkdtempSync(join(tmpdir(), 'lathe-run-'));
  const file = join(folder, 'output.log');
  const fd = openSync(file, 'w', 0o600);
  let room = limits.beginning;
  let end: Buffer[] = [];
  let endBytes = 0;
  let dropped = 0;
  let isClosed = false;
  const append = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
  };
  return {
    write(part) {
      const first = part.subarray(0, room);
      append(first);
      room -= first.length;
      const rest = part.subarray(first.length);
      if (rest.length === 0) return;
      end.push(Buffer.from(rest));
      endBytes += rest.length;
      if (endBytes <= 2 * limits.end) return;
      const all = Buffer.concat(end);
      dropped += all.length - limits.end;
      end = [all.subarray(all.length - limits.end)];
      endBytes = limits.end;
    },
    async finish() {
      if (dropped > 0) append(Buffer.from(`\n[lathe: ${dropped} bytes are left out here]\n`));
      for (const part of end) append(part);
      closeSync(fd);
      isClosed = true;
      return openAsBlob(file);
    },
    remove() {
      if (!isClosed) closeSync(fd);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
