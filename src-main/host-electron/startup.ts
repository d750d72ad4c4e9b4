/** Start-up marks, in milliseconds since the operating system made the process. Read by `npm run bench -- startup`. */
import { renameSync, writeFileSync } from 'node:fs';

export type StartupMark =
  | 'main'
  | 'app-ready'
  | 'engine-ready'
  | 'page-loaded'
  | 'window-shown'
  | 'interactive';

export type StartupMarks = {
  mark(name: StartupMark): void;
  /** What is known so far. */
  timings(): Partial<Record<StartupMark, number>>;
};

/** `bornMs` is the wall time at which the process was made. */
export function createStartupMarks(bornMs: number, nowMs: () => number): StartupMarks {
  const marks: Partial<Record<StartupMark, number>> = {};
  return {
    mark(name) {
      marks[name] ??= Math.round(nowMs() - bornMs);
    },
    timings: () => ({ ...marks }),
  };
}

/** Whole or not at all, since others wait for the file to appear. */
export function writeReport(file: string, report: unknown): void {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(report, null, 2)}\n`);
  renameSync(temporary, file);
}
