/** `lathe models import`: registers an ONNX file as a new version in a running Lathe. */
import { resolve } from 'node:path';
import { parse } from './options.ts';
import { type ExitCode, print, printJson, UsageError } from './output.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';
import { uploadFile } from './upload.ts';

export async function importModel(argv: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(
    argv,
    { name: { type: 'string' }, description: { type: 'string' }, workspace: { type: 'string' } },
    ['FILE.onnx'],
  );
  if (values.name === undefined) throw new UsageError('--name NAME is missing');
  const client = await connectToRunning(workspaceOrDefault(values.workspace));
  try {
    const uploadId = await uploadFile(client.rpc, resolve(positionals[0] ?? ''));
    const version = await client.rpc.models.import({
      uploadId,
      name: values.name,
      description: values.description ?? '',
    });
    if (values.json) printJson({ ok: true, version });
    else print(`Registered ${version.model} version ${version.version} (${version.sizeBytes} bytes).`);
    return 0;
  } finally {
    client.close();
  }
}
