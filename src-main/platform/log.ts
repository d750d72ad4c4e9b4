/**
 * The one logger: pino as JSON lines, one file per process, rotated by size, secrets removed at the sink so
 * that no caller can forget. Nothing prints to the terminal except what the CLI means to say.
 */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

const ROTATE_BYTES = 5 * 1024 * 1024;
const KEEP = 3;
/** A name that means a secret, what parts it from its value (JSON may be escaped inside JSON), and the value. */
const SECRET =
  /(token|nonce|secret|password|authorization|api[-_]?key)(["'\\\s:=]+)(bearer\s+)?([^\s"'\\,}&]+)/gi;
/** A cookie header is several values: all of it goes. */
const COOKIE = /(cookie)(["'\\\s:=]+)([^"'\\\r\n]+)/gi;

/** Replaces what looks like a secret, wherever it stands in the line. */
export const redact = (line: string): string =>
  line.replace(COOKIE, '$1$2[removed]').replace(SECRET, '$1$2[removed]');

function rotate(file: string): void {
  for (let n = KEEP - 1; n >= 0; n--) {
    try {
      renameSync(n === 0 ? file : `${file}.${n}`, `${file}.${n + 1}`);
    } catch {
      // No such older file yet.
    }
  }
}

/**
 * A destination that appends, rotating before a line would pass the limit. Each line is written at once, so
 * that the last words of a process that dies are there. A log never fails what it tells of: a line that cannot
 * be written (a full disk) is dropped.
 */
export function rotatingFile(file: string, limitBytes = ROTATE_BYTES): DestinationStream & { flush(): void } {
  let fd: number | null = null;
  let size = 0;

  function open(): number {
    mkdirSync(dirname(file), { recursive: true });
    const opened = openSync(file, 'a', 0o600);
    size = fstatSync(opened).size;
    return opened;
  }
  function close(): void {
    const open = fd;
    fd = null;
    if (open !== null) closeSync(open);
  }

  return {
    write(line) {
      const bytes = Buffer.from(redact(line));
      try {
        fd ??= open();
        if (size > 0 && size + bytes.length > limitBytes) {
          close();
          rotate(file);
          fd = open();
        }
        writeSync(fd, bytes);
        size += bytes.length;
      } catch {
        close();
      }
    },
    flush() {},
  };
}

export function createLogger(name: string, file: string | null): Logger {
  if (file === null) return pino({ name, enabled: false });
  return pino(
    { name, level: process.env.LATHE_LOG_LEVEL ?? 'info', base: { pid: process.pid } },
    rotatingFile(file),
  );
}
