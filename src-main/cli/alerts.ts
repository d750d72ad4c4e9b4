/** `lathe alerts`: what is open in a running Lathe, and that somebody has seen it. */
import type { Alert } from '../contract/alerts.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson } from './output.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';

const PAGE = 500;
const WORKSPACE = { workspace: { type: 'string' } } as const;

type AlertPage = { alerts: Alert[]; next: string | null; open: number; unacknowledged: number };
type Wanted = { endpoint?: string; state: 'open' | 'all'; limit: number };

/** One page after the other, to the last. */
export async function* pagesOf<Page extends Pick<AlertPage, 'next'>>(
  list: (wanted: Wanted & { before?: string }) => Promise<Page>,
  wanted: Wanted,
): AsyncGenerator<Page> {
  for (let before: string | null | undefined; before !== null; ) {
    const page = await list({ ...wanted, ...(before === undefined ? {} : { before }) });
    yield page;
    before = page.next;
  }
}

/** Open alerts, the newest first; `--all` those that are over as well. */
export async function listAlerts(argv: readonly string[]): Promise<ExitCode> {
  const options = { ...WORKSPACE, endpoint: { type: 'string' }, all: { type: 'boolean' } } as const;
  const { values } = parse(argv, options);
  const client = await connectToRunning(workspaceOrDefault(values.workspace));
  try {
    const wanted = {
      ...(values.endpoint === undefined ? {} : { endpoint: values.endpoint }),
      ...({ state: values.all ? 'all' : 'open', limit: PAGE } as const),
    };
    const alerts: Alert[] = [];
    let counts: Pick<AlertPage, 'open' | 'unacknowledged'> | null = null;
    for await (const page of pagesOf((where) => client.rpc.alerts.list(where), wanted)) {
      if (!counts) {
        const { open, unacknowledged } = page;
        counts = { open, unacknowledged };
        if (!values.json) print(`${open} open, ${unacknowledged} of them unacknowledged.`);
      }
      if (values.json) alerts.push(...page.alerts);
      else for (const alert of page.alerts) print(alertText(alert));
    }
    if (values.json) printJson({ ok: true, alerts, ...counts });
    return 0;
  } finally {
    client.close();
  }
}

export async function acknowledgeAlert(argv: readonly string[]): Promise<ExitCode> {
  const { values, positionals } = parse(argv, { ...WORKSPACE, note: { type: 'string' } }, ['ID']);
  const client = await connectToRunning(workspaceOrDefault(values.workspace));
  try {
    const alert = await client.rpc.alerts.acknowledge({ id: positionals[0] ?? '', note: values.note ?? '' });
    if (values.json) printJson({ ok: true, alert });
    else print(alertText(alert));
    return 0;
  } finally {
    client.close();
  }
}

function alertText(alert: Alert): string {
  const { id, severity, state, title, text, openedMs, acknowledged, explainedBy } = alert;
  const marks = [
    state === 'firing' ? severity : 'over',
    ...(acknowledged ? ['acknowledged'] : []),
    ...(explainedBy === null ? [] : [`explained by ${explainedBy}`]),
  ];
  return `\n${title} (${marks.join(', ')})\n  ${text}\n  ${new Date(openedMs).toISOString()}  ${id}`;
}
