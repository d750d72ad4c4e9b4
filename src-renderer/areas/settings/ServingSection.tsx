import type { Settings } from '../../../src-main/contract/settings.ts';
import { formatBytes } from '../../lib/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import { NumberField } from '../../ui/TextField.tsx';
import { SettingRow } from './SettingRow.tsx';
import { failureLine, useSave } from './use-save.ts';

const MIB = 1024 * 1024;

type Limit = {
  key: Exclude<keyof Settings['serving'], 'provider'>;
  title: string;
  help: string;
  unit: string;
  min: number;
  max: number;
  /** Size of the shown unit in the stored one. */
  scale: number;
  integer: boolean;
  /** Said when it is saved. */
  done(value: number): string;
};

const LIMITS: readonly Limit[] = [
  {
    key: 'maxBatchRows',
    title: 'Rows in one batch',
    help: 'Requests of many clients run together up to this many rows.',
    unit: 'rows',
    min: 1,
    max: 4096,
    scale: 1,
    integer: true,
    done: (value) => `Batches hold up to ${value} rows`,
  },
  {
    key: 'maxQueueDelayUs',
    title: 'Wait for company',
    help: 'How long the first request of a batch waits for others. At 0 a batch is what came while the one before it ran.',
    unit: 'ms',
    min: 0,
    max: 1_000,
    scale: 1_000,
    integer: false,
    done: (value) => `Requests wait up to ${value / 1_000} ms for company`,
  },
  {
    key: 'sloMs',
    title: 'Target for an answer',
    help: 'Lathe sizes batches to keep it, and refuses at once what would be later. At 0 it chooses.',
    unit: 'ms',
    min: 0,
    max: 600_000,
    scale: 1,
    integer: true,
    done: (value) =>
      value === 0 ? 'Lathe chooses the target' : `Answers should be there within ${value} ms`,
  },
  {
    key: 'memoryBudgetBytes',
    title: 'Memory for models',
    help: 'What does not fit rests, longest unused first, and comes back when it is asked for. 0 is half of the machine’s.',
    unit: 'MiB',
    min: 0,
    max: 16 * 1024 * 1024,
    scale: MIB,
    integer: true,
    done: (value) =>
      value === 0 ? 'Models may use half of the memory' : `Models may use ${formatBytes(value)}`,
  },
  {
    key: 'requestTimeoutMs',
    title: 'Request time limit',
    help: 'A request that takes longer is answered with an error.',
    unit: 's',
    min: 0.01,
    max: 600,
    scale: 1_000,
    integer: false,
    done: (value) => `Requests may take ${value / 1_000} s`,
  },
  {
    key: 'maxBodyBytes',
    title: 'Largest request',
    help: 'Larger request bodies are refused before they are read.',
    unit: 'MiB',
    min: 0.001,
    max: 1_024,
    scale: MIB,
    integer: false,
    done: (value) => `Requests may have ${formatBytes(value)}`,
  },
];

export function ServingSection({ settings }: { settings: Settings }) {
  return (
    <Panel title="Serving" hint="for every model that has no setting of its own" padded={false}>
      {LIMITS.map((limit) => (
        <LimitRow key={limit.key} limit={limit} stored={settings.serving[limit.key]} />
      ))}
    </Panel>
  );
}

function LimitRow({ limit, stored }: { limit: Limit; stored: number }) {
  const { save, failure } = useSave();
  const { scale } = limit;
  return (
    <SettingRow title={limit.title} help={limit.help}>
      <NumberField
        label={limit.title}
        hideLabel
        integer={limit.integer}
        min={limit.min}
        max={limit.max}
        unit={limit.unit}
        value={Number((stored / scale).toPrecision(6))}
        error={failureLine(failure)}
        onCommit={(shown) => {
          const value = Math.round(shown * scale);
          save({ serving: { [limit.key]: value } }, limit.done(value));
        }}
      />
    </SettingRow>
  );
}
