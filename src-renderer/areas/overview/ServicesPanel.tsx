import type { Service } from '../../../src-main/contract/workspace.ts';
import { formatBytes, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { StatusDot } from '../../ui/Badge.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import type { Tone } from '../../ui/tone.ts';

const STATES: Record<Service['state'], { tone: Tone; word: string }> = {
  starting: { tone: 'info', word: 'Starting' },
  running: { tone: 'ok', word: 'Running' },
  restarting: { tone: 'warn', word: 'Restarting' },
  failed: { tone: 'bad', word: 'Failed' },
  stopped: { tone: 'neutral', word: 'Stopped' },
};

/** The processes that do the work, and what keeps them from it. */
export function ServicesPanel() {
  const query = useData(['services'], (rpc, signal) => rpc.workspace.services(undefined, { signal }));
  const memory = query.data?.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0) ?? 0;
  return (
    <Panel title="Services" hint={memory > 0 ? `${formatBytes(memory)} in all` : undefined} padded={false}>
      <QueryState query={query} what="The services">
        {(services) => (
          <ul>
            {services.map((service) => (
              <Row key={service.id} service={service} />
            ))}
          </ul>
        )}
      </QueryState>
    </Panel>
  );
}

function Row({ service }: { service: Service }) {
  const { tone, word } = STATES[service.state];
  return (
    <li className="border-b border-line px-3 py-2 last:border-b-0">
      <div className="flex items-baseline justify-between gap-3">
        <span className="truncate font-medium">{service.title}</span>
        <StatusDot tone={tone} pulse={service.state === 'starting' || service.state === 'restarting'}>
          <span className="text-xs text-ink-2">{word}</span>
        </StatusDot>
      </div>
      <p className="num flex flex-wrap gap-x-3 text-xs text-ink-3">
        {service.pid !== null && <span>pid {service.pid}</span>}
        {service.memoryBytes !== null && <span>{formatBytes(service.memoryBytes)}</span>}
        {service.startedMs !== null && (
          <span>
            started <TimeAgo ms={service.startedMs} />
          </span>
        )}
        {service.restarts > 0 && <span className="text-warn">{plural(service.restarts, 'restart')}</span>}
      </p>
      {service.error && (
        <p className="mt-1 text-xs break-words">
          {service.error.cause} <span className="text-ink-2">{service.error.remedy}</span>{' '}
          <code className="text-ink-3">{service.error.code}</code>
        </p>
      )}
    </li>
  );
}
