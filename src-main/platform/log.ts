/**
 * The one logger: pino as JSON lines, one file per process, rotated by size, secrets removed at the sink so
 * that no caller can forget. Nothing prints to the terminal except what the CLI means to say.
 */
import { mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

const ROTATE_BYTES = 5 * 1024 * 1024;
const KEEP = 3;
const SECRET =
  /(token|nonce|secret|password|authorization|cookie|api[-_]?key)(["'\s:=]+)(bearer\s+)?([^\s"',}&]+)/gi;

/** Replaces what looks like a secret, wherever it stands in the line. Exported for its test. */
export const redact = (line: string): string => line.replace(SECRET, '$1$2[removed]');

function rotate(file: string): void {
  for (let n = KEEP - 1; n >= 1; n--) {
    try {
      renameSync(`${file}.${n}`, `${file}.${n + 1}`);
    } catch {
      // No such older file yet.
    }
  }
  renameSync(file, `${file}.1`);
}

/** A destination that appends, rotating before a line would pass the limit. */
export function rotatingFile(file: string, limitBytes = ROTATE_BYTES): DestinationStream & { flush(): void } {
  mkdirSync(dirname(file), { recursive: true });
  const open = () => pino.destination({ dest: file, append: true, sync: false, minLength: 0, mkdir: true });
  let size = 0;
  try {
    size = statSync(file).size;
  } catch {
    size = 0;
  }
  let sink = open();
  return {
    write(line) {
      const clean = redact(line);
      size += Buffer.byteLength(clean);
      if (size > limitBytes) {
        sink.flushSync();
        sink.end();
        rotate(file);
        sink = open();
        size = Buffer.byteLength(clean);
      }
      sink.write(clean);
    },
    flush() {
      sink.flushSync();
    },
  };
}

export function createLogger(name: string, file: string | null): Logger {
  if (file === null) return pino({ name, enabled: false });
  return pino(
    { name, level: process.env.LATHE_LOG_LEVEL ?? 'info', base: { pid: process.pid } },
    rotatingFile(file),
  );
}
