/** `lathe endpoints …`: the routes of a running Lathe: looked at, changed, ramped up and taken back. */
import type { Endpoint } from '../contract/serving.ts';
import {
  CanaryAction,
  type CanaryPlan,
  DEFAULT_GUARDRAILS,
  type Route,
  type RouteChange,
  routeOf,
} from '../contract/serving-route.ts';
import type { Rpc } from './client.ts';
import {
  canaryRoute,
  parseArms,
  parseShadow,
  parseSteps,
  parseSticky,
  positive,
} from './endpoints-options.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson, UsageError } from './output.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';

type Common = { workspace?: string | undefined; json?: boolean | undefined };
const COMMON = { workspace: { type: 'string' }, reason: { type: 'string' } } as const;

async function withEndpoint(
  { workspace, json }: Common,
  name: string,
  work: (rpc: Rpc, endpoint: Endpoint) => Promise<Endpoint>,
): Promise<ExitCode> {
  const client = await connectToRunning(workspaceOrDefault(workspace));
  try {
    const endpoint = await work(client.rpc, await client.rpc.serving.get({ name }));
    if (json) printJson({ ok: true, endpoint });
    else print(endpointText(endpoint));
    return 0;
  } finally {
    client.close();
  }
}

/** The route, where its canary is, and who changed it last. */
export async function showEndpoint(argv: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(argv, { workspace: { type: 'string' } }, ['NAME']);
  const name = positionals[0] ?? '';
  const client = await connectToRunning(workspaceOrDefault(values.workspace));
  try {
    const { serving } = client.rpc;
    const [endpoint, history, shadow] = await Promise.all([
      serving.get({ name }),
      serving.history({ name }),
      serving.shadowReport({ name }),
    ]);
    if (values.json) {
      printJson({ ok: true, endpoint, history, shadow });
      return 0;
    }
    print(endpointText(endpoint));
    if (shadow) print(`  shadow: ${shadow.compared} of ${shadow.seen} requests compared`);
    print('');
    for (const change of history.slice(0, 10)) print(`  ${changeText(change)}`);
    return 0;
  } finally {
    client.close();
  }
}

export async function setRoute(argv: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(
    argv,
    {
      ...COMMON,
      arm: { type: 'string', multiple: true },
      sticky: { type: 'string' },
      shadow: { type: 'string' },
    },
    ['NAME'],
  );
  const part: Partial<Route> = {
    ...(values.arm && { arms: parseArms(values.arm), mode: { kind: 'fixed' as const } }),
    ...(values.sticky !== undefined && { sticky: parseSticky(values.sticky) }),
    ...(values.shadow !== undefined && { shadow: parseShadow(values.shadow) }),
  };
  if (Object.keys(part).length === 0)
    throw new UsageError('nothing to change: give --arm, --sticky or --shadow');
  return withEndpoint(values, positionals[0] ?? '', (rpc, endpoint) =>
    rpc.serving.setRoute({
      ...{ name: endpoint.name, revision: endpoint.revision, reason: values.reason ?? '' },
      route: { ...routeOf(endpoint), ...part },
    }),
  );
}

/** An action; `start` with `--candidate` makes the plan first. */
export async function canary(argv: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(
    argv,
    {
      ...COMMON,
      candidate: { type: 'string' },
      steps: { type: 'string' },
      hold: { type: 'string' },
      'min-requests': { type: 'string' },
      'error-margin': { type: 'string' },
      'latency-ratio': { type: 'string' },
      end: { type: 'string' },
    },
    ['NAME', 'ACTION'],
  );
  const found = CanaryAction.safeParse(positionals[1]);
  if (!found.success) throw new UsageError(`ACTION is one of ${CanaryAction.options.join(', ')}`);
  const action = found.data;
  if (values.candidate !== undefined && action !== 'start')
    throw new UsageError('--candidate goes with start');
  if (values.end !== undefined && values.end !== 'promote' && values.end !== 'hold')
    throw new UsageError('--end is promote or hold');
  const holdSeconds = positive('hold', values.hold, 300);
  const { errorRate, latency } = DEFAULT_GUARDRAILS;
  const plan: Omit<CanaryPlan, 'kind' | 'champion' | 'candidate'> = {
    steps: parseSteps(values.steps ?? '1,5,25,50,100'),
    holdSeconds,
    minRequests: positive('min-requests', values['min-requests'], 500),
    windowSeconds: Math.max(1, Math.min(10, Math.floor(holdSeconds))),
    guardrails: {
      errorRate: {
        ...errorRate,
        margin: positive('error-margin', values['error-margin'], 100 * errorRate.margin) / 100,
      },
      latency: { ...latency, ratio: positive('latency-ratio', values['latency-ratio'], latency.ratio) },
    },
    atEnd: values.end ?? 'promote',
  };
  return withEndpoint(values, positionals[0] ?? '', async (rpc, endpoint) => {
    const { name } = endpoint;
    const reason = values.reason ?? '';
    let { revision } = endpoint;
    if (values.candidate !== undefined) {
      const route = canaryRoute(routeOf(endpoint), values.candidate, plan);
      ({ revision } = await rpc.serving.setRoute({ name, revision, route, reason }));
    }
    return rpc.serving.canary({ name, revision, action, reason });
  });
}

/** To a revision, or to the last route that was another one. */
export async function rollback(argv: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(argv, { ...COMMON, to: { type: 'string' } }, ['NAME']);
  return withEndpoint(values, positionals[0] ?? '', async (rpc, endpoint) => {
    const { name, revision } = endpoint;
    const present = JSON.stringify(routeOf(endpoint));
    const to =
      values.to === undefined
        ? (await rpc.serving.history({ name })).find(
            ({ route }) => JSON.stringify(routeOf(route)) !== present,
          )?.revision
        : positive('to', values.to, 0);
    if (to === undefined) throw new UsageError(`${name} never had another route`);
    return rpc.serving.rollback({ name, revision, to, reason: values.reason ?? '' });
  });
}

function endpointText(endpoint: Endpoint): string {
  const { name, model, revision, arms, mode, sticky, shadow, canary: state } = endpoint;
  const lines = [`${name} (${model}), revision ${revision}, ${mode.kind}, sticky by ${stickyText(sticky)}`];
  for (const { key, version, weight, state: armState, error, serving } of arms) {
    const instead = serving !== null && serving !== version ? `, version ${serving} answers meanwhile` : '';
    lines.push(`  ${key.padEnd(16)} version ${version}  ${weight / 100} %  ${armState}${instead}`);
    if (error) lines.push(`  ${''.padEnd(16)} ${error.code}: ${error.cause}`);
  }
  if (shadow)
    lines.push(`  shadow           version ${shadow.version}  ${100 * shadow.fraction} %  ${shadow.state}`);
  if (state) lines.push(`  canary           ${state.status}: ${state.text}`);
  return lines.join('\n');
}

const stickyText = (sticky: Route['sticky']): string =>
  'name' in sticky ? `${sticky.kind} ${sticky.name}` : sticky.kind;

function changeText({ revision, atMs, actor, reason, route }: RouteChange): string {
  const arms = route.arms
    .map(({ key, version, weight }) => `${key} v${version} ${weight / 100} %`)
    .join(', ');
  return `${revision}  ${new Date(atMs).toISOString()}  ${actor}  ${arms}  ${reason}`;
}
