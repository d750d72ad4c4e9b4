/** `lathe alerts`: what is open in a running Lathe, and that somebody has seen it. */
import type { Alert } from '../contract/alerts.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson } from './output.ts';
import { connectToRunning, workspaceOrDefault } from './running.ts';

const WORKSPACE = { workspace: { type: 'string' } } as const;

/** Open alerts, the newest first; `--all` those that are over as well. */
export async function listAlerts(argv: readonly string[]): Promise<ExitCode> {
  const options = { ...WORKSPACE, endpoint: { type: 'string' }, all: { type: 'boolean' } } as const;
  const { values } = parse(argv, options);
  const client = await connectToRunning(workspaceOrDefault(values.workspace));
  try {
    const found = await client.rpc.alerts.list({
      ...(values.endpoint === undefined ? {} : { endpoint: values.endpoint }),
      state: values.all ? 'all' : 'open',
    });
    if (values.json) printJson({ ok: true, ...found });
    else {
      print(`${found.open} open, ${found.unacknowledged} of them unacknowledged.`);
      for (const alert of found.alerts) print(alertText(alert));
    }
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
