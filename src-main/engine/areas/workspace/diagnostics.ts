/** A text for a bug report: versions, services and the last log lines, secrets removed. */
import { open, readdir } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Hello, Service } from '../../../contract/workspace.ts';
import { redact } from '../../../platform/log.ts';
import { lastLines } from './workspace.rules.ts';

const TAIL_BYTES = 64 * 1024;
const LINES = 100;

export async function diagnosticsText(hello: Hello, services: Service[], logs: string): Promise<string> {
  const parts = [
    `Lathe ${hello.version} (${hello.host.kind}, ${process.platform} ${process.arch} ${release()})`,
    `Node ${process.versions.node}${process.versions.electron ? `, Electron ${process.versions.electron}` : ''}`,
    `Workspace ${hello.workspace.path}${hello.workspace.sample ? ' (with the sample)' : ''}`,
    `URLs ${JSON.stringify(hello.urls)}`,
    '',
    'Services',
    ...services.map(describe),
  ];
  for (const name of (await readdir(logs)).filter((file) => file.endsWith('.log')).sort()) {
    parts.push('', `${name} (last lines)`, ...(await tailOf(join(logs, name))));
  }
  return redact(`${parts.join('\n')}\n`);
}

function describe(service: Service): string {
  const memory = service.memoryBytes === null ? '' : `, ${Math.round(service.memoryBytes / 1_048_576)} MB`;
  const error = service.error ? `, ${service.error.code}: ${service.error.cause}` : '';
  return `  ${service.title}: ${service.state}, pid ${service.pid ?? 'none'}, restarts ${service.restarts}${memory}${error}`;
}

async function tailOf(file: string): Promise<string[]> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    return lastLines(buffer.toString('utf8', 0, bytesRead), from > 0, LINES);
  } finally {
    await handle.close();
  }
}
