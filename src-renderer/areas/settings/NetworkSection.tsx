import type { Settings } from '../../../src-main/contract/settings.ts';
import type { Service, Urls } from '../../../src-main/contract/workspace.ts';
import type { ShownReport } from '../../lib/errors.ts';
import { useData } from '../../lib/query.ts';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { NumberField } from '../../ui/TextField.tsx';
import { SettingRow } from './SettingRow.tsx';
import { failureLine, useSave } from './use-save.ts';

type PortKey = keyof Settings['ports'];

const PORTS: readonly { key: PortKey; title: string; help: string }[] = [
  {
    key: 'inferenceHttp',
    title: 'Inference over HTTP',
    help: 'Where models answer requests of the Open Inference Protocol.',
  },
  { key: 'inferenceGrpc', title: 'Inference over gRPC', help: 'The same protocol, for gRPC clients.' },
  {
    key: 'mlflow',
    title: 'MLflow tracking',
    help: 'Where training code logs: the value of MLFLOW_TRACKING_URI.',
  },
];

/** Ports of the local servers. They answer this computer only. */
export function NetworkSection({ settings }: { settings: Settings }) {
  const hello = useData(['services', 'hello'], (rpc, signal) => rpc.workspace.hello(undefined, { signal }));
  const services = useData(['services'], (rpc, signal) => rpc.workspace.services(undefined, { signal }));
  return (
    <Panel title="Network" hint="this computer only; 0 picks a free port at each start" padded={false}>
      {PORTS.map((port) => (
        <PortRow
          key={port.key}
          name={port.key}
          title={port.title}
          help={port.help}
          settings={settings}
          url={hello.data?.urls[port.key] ?? null}
          problem={portProblem(services.data ?? [], settings.ports[port.key])}
        />
      ))}
    </Panel>
  );
}

/** The service that could not listen on this port, if any says so. */
function portProblem(services: readonly Service[], port: number): ShownReport | null {
  const failed = services.find(
    ({ error }) => error?.code === 'LATHE_SERVING_PORT_IN_USE' && Number(error.details.port) === port,
  );
  return failed?.error ?? null;
}

type RowProps = {
  name: PortKey;
  title: string;
  help: string;
  settings: Settings;
  url: Urls[PortKey];
  problem: ShownReport | null;
};

function PortRow({ name, title, help, settings, url, problem }: RowProps) {
  const { save, failure } = useSave();
  return (
    <SettingRow
      title={title}
      help={
        <>
          {help}{' '}
          {url ? (
            <span className="mt-1 flex items-center gap-1 text-ink-2">
              <code>{url}</code>
              <CopyButton text={url} label={`Copy the URL of ${title}`} />
            </span>
          ) : (
            <span className="mt-1 block">Not listening.</span>
          )}
          {isLater(url, settings.ports[name]) && !problem && (
            <span className="block text-ink-2">
              Port {settings.ports[name]} is used from the next start of Lathe on.
            </span>
          )}
        </>
      }
    >
      <NumberField
        label={`Port of ${title}`}
        hideLabel
        integer
        min={0}
        max={65_535}
        value={settings.ports[name]}
        error={failureLine(failure ?? problem)}
        onCommit={(value) =>
          save(
            { ports: { [name]: value } },
            value === 0 ? `${title} picks a free port` : `${title} uses port ${value}`,
          )
        }
      />
    </SettingRow>
  );
}

/** Whether the server listens somewhere else than the setting says: it moves when Lathe starts again. */
function isLater(url: string | null, port: number): boolean {
  return url !== null && port !== 0 && !url.replace(/\/$/, '').endsWith(`:${port}`);
}
