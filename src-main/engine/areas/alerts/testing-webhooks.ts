/** For tests only: an alerts area whose channels go to a real HTTP server that writes down what it was sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Severity } from '../../../contract/alerts.ts';
import { days, openAlertsWorld, rule, series } from './testing-alerts.ts';

export type Post = { path: string; headers: IncomingMessage['headers']; body: Record<string, unknown> };

export const SECRET = '/services/T000/B000/verysecret';

export async function openReceiver(options: { webhookTimeoutMs?: number } = {}) {
  const world = await openAlertsWorld(options);
  const posts: Post[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) =>
    void response.end('ok');
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      posts.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = (path = SECRET) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  return {
    ...{ world, posts, address },
    answerWith(next: typeof answer): void {
      answer = next;
    },
    status(code: number, headers: Record<string, string> = {}): void {
      answer = (_request, response) => void response.writeHead(code, headers).end();
    },
    channel: (
      part: { kind?: 'slack' | 'json'; minSeverity?: Severity; url?: string; enabled?: boolean } = {},
    ) =>
      world.alerts.saveChannel({
        ...{ kind: 'json', name: 'the team', minSeverity: 'info', enabled: true, url: address() },
        ...part,
      }),
    /** Opens an alert on a feature. */
    async breach(feature: string, severity: Severity = 'warning'): Promise<string> {
      await world.alerts.createRule(rule({ severity, series: { of: 'drift', feature } }));
      world.data.set(`drift ${feature}`, series(days(0.1, 0.4)));
      const open = await world.judge();
      return open.find(({ series: ref }) => 'feature' in ref && ref.feature === feature)?.id as string;
    },
    wait(ms: number): Promise<void> {
      world.context.clock.advance(ms);
      return world.area.tell();
    },
    last: () => world.alerts.channels()[0]?.last,
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await world.close();
    },
  };
}

export const alertsIn = (post: Post | undefined) =>
  post?.body.alerts as { id: string; events: string[]; state: string }[];
