/** `lathe verify`: are the stored files what they were? Exit code 1 when one is missing or changed. */
import { parse } from './options.ts';
import { type ExitCode, print, printJson } from './output.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';

export async function verify(argv: readonly string[]): Promise<ExitCode> {
  const { values } = parse(argv, { workspace: { type: 'string' } });
  const client = await connectToRunning(workspaceOrDefault(values.workspace));
  try {
    const report = await client.rpc.trash.verify();
    const ok = report.problems.length === 0;
    if (values.json) {
      printJson({ ok, report });
      return ok ? 0 : 1;
    }
    print(`${report.checked} files read (${report.bytes} bytes).`);
    for (const { sha256, problem, usedBy } of report.problems)
      print(`${problem}  ${sha256}\n${usedBy.map((name) => `  used by ${name}`).join('\n')}`);
    if (report.strays > 0)
      print(`${report.strays} files that nothing knows (${report.strayBytes} bytes): lathe gc removes them.`);
    print(
      ok ? 'All are what they were.' : 'Restore these files from a backup: blobs/<first two digits>/<hash>.',
    );
    return ok ? 0 : 1;
  } finally {
    client.close();
  }
}
