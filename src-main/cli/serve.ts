/** `lathe serve`: the headless host until a signal ends it. */
import { resolve } from 'node:path';
import { LatheError } from '../contract/errors.ts';
import { type HeadlessOptions, type HeadlessServer, serveHeadless } from '../host-headless/main.ts';
import { sampleWorkspace, userDataFolder } from '../platform/app-state.ts';
import { parse, portOption } from './options.ts';
import { type ExitCode, print, printJson } from './output.ts';
import { BUNDLES, RESOURCES, VERSION } from './program.ts';

/** Where the UI answers when nobody says otherwise, so that a bookmark holds. */
const DEFAULT_UI_PORT = 7400;

export async function serve(argv: readonly string[]): Promise<ExitCode> {
  const { values } = parse(argv, {
    workspace: { type: 'string' },
    sample: { type: 'boolean' },
    'ui-port': { type: 'string' },
    'http-port': { type: 'string' },
    'grpc-port': { type: 'string' },
    'mlflow-port': { type: 'string' },
    host: { type: 'string' },
    'behind-proxy': { type: 'string' },
  });
  const inferenceHttp = portOption('http-port', values['http-port']);
  const inferenceGrpc = portOption('grpc-port', values['grpc-port']);
  const mlflow = portOption('mlflow-port', values['mlflow-port']);
  const uiPort = portOption('ui-port', values['ui-port']);
  const stopped = untilSignal();
  const server = await serveUiSomewhere(uiPort, {
    workspace: values.workspace === undefined ? sampleWorkspace(userDataFolder()) : resolve(values.workspace),
    create: true,
    sample: values.sample === true || values.workspace === undefined,
    version: VERSION,
    resources: RESOURCES,
    bundles: BUNDLES,
    ports: {
      ...(inferenceHttp === undefined ? {} : { inferenceHttp }),
      ...(inferenceGrpc === undefined ? {} : { inferenceGrpc }),
      ...(mlflow === undefined ? {} : { mlflow }),
    },
    host: values.host ?? '127.0.0.1',
    proxyName: values['behind-proxy'] ?? null,
  });
  announce(server, values.json === true);
  await stopped;
  await server.close();
  return 0;
}

/** The default port is a wish; one that was asked for is an order. */
async function serveUiSomewhere(
  uiPort: number | undefined,
  options: Omit<HeadlessOptions, 'uiPort'>,
): Promise<HeadlessServer> {
  if (uiPort !== undefined) return serveHeadless({ ...options, uiPort });
  try {
    return await serveHeadless({ ...options, uiPort: DEFAULT_UI_PORT });
  } catch (thrown) {
    const isTaken = thrown instanceof LatheError && thrown.code === 'LATHE_SERVING_PORT_IN_USE';
    if (!isTaken) throw thrown;
    return serveHeadless({ ...options, uiPort: 0 });
  }
}

function announce({ urls, token, workspace }: HeadlessServer, json: boolean): void {
  if (json) {
    printJson({ ready: true, urls, token, workspace, pid: process.pid });
    return;
  }
  const or = (url: string | null) => url ?? 'not listening; Lathe says why';
  print(`Lathe serves ${workspace}

  Open       ${urls.ui}?token=${token}
  Inference  ${or(urls.inferenceHttp)}
  Tracking   ${or(urls.mlflow)}

Press Ctrl+C to stop.`);
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (isStopping) process.exit(1);
        isStopping = true;
        resolve();
      });
  });
}
