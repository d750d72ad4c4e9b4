import type { ExitCode } from './output.ts';
export async function demo(_argv: readonly string[]): Promise<ExitCode> {
  return 1;
}
