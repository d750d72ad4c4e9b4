/** `lathe status`: what runs on a workspace, and where it answers. */
import { parse } from './options.ts';
import { type ExitCode, print, printJson } from './output.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';

export async function status(argv: readonly string[]): Promise<ExitCode> {
  const { values } = parse(argv, { workspace: { type: 'string' } });
  const client = await connectToRunning(workspaceOrDefault(values.workspace));
  try {
    const [hello, services, endpoints] = await Promise.all([
      client.rpc.workspace.hello(),
      client.rpc.workspace.services(),
      client.rpc.serving.list(),
    ]);
    if (values.json) {
      printJson({ ok: true, hello, services, endpoints });
      return 0;
    }
    print(`Lathe ${hello.version} (${hello.host.kind}) on ${hello.workspace.path}\n`);
    for (const service of services) {
      const again = service.restarts > 0 ? `, restarted ${service.restarts}×` : '';
      const pid = service.pid === null ? '' : `, process ${service.pid}`;
      print(`  ${service.title.padEnd(20)} ${service.state}${pid}${again}`);
      if (service.error) print(`  ${''.padEnd(20)} ${service.error.code}: ${service.error.cause}`);
    }
    print('');
    for (const [name, url] of Object.entries(hello.urls)) if (url) print(`  ${name.padEnd(20)} ${url}`);
    for (const endpoint of endpoints) {
      const arms = endpoint.arms.map((arm) => `${arm.version} ${arm.weight / 100} % (${arm.state})`);
      print(`  ${endpoint.name.padEnd(20)} ${endpoint.model}: ${arms.join(', ')}`);
    }
    return 0;
  } finally {
    client.close();
  }
}
