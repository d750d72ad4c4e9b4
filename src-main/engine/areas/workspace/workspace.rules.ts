/** Pure parts of the workspace area. */

/** Resident memory in bytes out of Linux's /proc/<pid>/status (proc_pid_status(5), VmRSS in KiB). */
export function residentBytes(status: string): number | null {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  return match ? Number(match[1]) * 1024 : null;
}

/** The last whole lines of a log's tail; the first line may be cut and is left out. */
export function lastLines(tail: string, cut: boolean, most: number): string[] {
  const lines = tail.split('\n').filter((line) => line !== '');
  return (cut ? lines.slice(1) : lines).slice(-most);
}
