/** What can run models here, as it was tried, and what is chosen. */
import { RefreshCw } from 'lucide-react';
import type { Devices, ProviderFinding, ProviderWish } from '../../../../src-main/contract/devices.ts';
import { formatBytes, formatDuration, formatNumber } from '../../../lib/format.ts';
import { queryClient, useAction, useData } from '../../../lib/query.ts';
import { saveSettingsLater } from '../../../lib/settings.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Button } from '../../../ui/Button.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import { QueryState } from '../../../ui/QueryState.tsx';
import { Select } from '../../../ui/Select.tsx';
import { TimeAgo } from '../../../ui/TimeAgo.tsx';
import type { Tone } from '../../../ui/tone.ts';

const NAMES = { cpu: 'CPU', cuda: 'NVIDIA GPU (CUDA)', webgpu: 'GPU (WebGPU)' } as const;
const LOOKS: Record<ProviderFinding['state'], { tone: Tone; word: string }> = {
  usable: { tone: 'ok', word: 'usable' },
  slower: { tone: 'neutral', word: 'no faster than the CPU' },
  unusable: { tone: 'warn', word: 'not usable' },
};
const WISHES: readonly { value: ProviderWish; label: string }[] = [
  { value: 'auto', label: 'The best there is' },
  { value: 'cpu', label: 'Always the CPU' },
  { value: 'cuda', label: 'CUDA, or not at all' },
  { value: 'webgpu', label: 'WebGPU, or not at all' },
];
const KEY = ['serving', 'devices'] as const;

export function DevicesPanel() {
  const devices = useData(KEY, (rpc, signal) => rpc.serving.devices(undefined, { signal }));
  const reprobe = useAction((rpc) => rpc.serving.reprobe(), {
    onDone: (found) => queryClient.setQueryData(KEY, found),
  });
  const trying = reprobe.isPending || devices.data?.trying === true;
  return (
    <Panel
      title="Devices"
      hint={devices.data ? `ONNX Runtime ${devices.data.onnxruntime}` : null}
      actions={
        <Button size="sm" icon={RefreshCw} busy={trying} onClick={() => reprobe.mutate()}>
          {trying ? 'Trying' : 'Try again'}
        </Button>
      }
    >
      <QueryState query={devices} what="The devices">
        {(data) => <Found devices={data} trying={trying} />}
      </QueryState>
    </Panel>
  );
}

function Found({ devices, trying }: { devices: Devices; trying: boolean }) {
  const { findings, chosen, wish, triedMs, cudaFiles } = devices;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-x-5 gap-y-2">
        <div className="w-56">
          <Select<ProviderWish>
            label="Models run on"
            value={wish}
            onChange={(provider) =>
              saveSettingsLater(
                { serving: { provider } },
                `Models run on: ${WISHES.find(({ value }) => value === provider)?.label ?? provider}`,
              )
            }
            options={WISHES}
          />
        </div>
        <p role="status" className="min-w-0 flex-1 basis-72 text-ink-2">
          <b className="font-medium text-ink">{NAMES[chosen.provider]}</b>: {chosen.reason}
        </p>
      </div>
      {findings.length === 0 ? (
        <p className="text-ink-3">
          {trying ? 'Each is tried with a small model; this takes a few seconds.' : 'Nothing was tried yet.'}
        </p>
      ) : (
        <ul className="flex flex-col">
          {findings.map((finding) => (
            <Finding key={finding.provider} finding={finding} />
          ))}
        </ul>
      )}
      <p className="text-xs text-ink-3">
        {triedMs === null ? null : (
          <>
            Tried <TimeAgo ms={triedMs} />.{' '}
          </>
        )}
        {cudaFiles.state === 'absent' || cudaFiles.state === 'damaged' ? (
          <>
            CUDA files are {cudaFiles.state}: <code>lathe gpu install</code> fetches them to{' '}
            <code className="break-all">{cudaFiles.folder}</code>.
          </>
        ) : null}
      </p>
    </div>
  );
}

function Finding({ finding }: { finding: ProviderFinding }) {
  const { provider, state, reason, problems, device, memoryBytes, driver, trial } = finding;
  const facts = [
    device,
    memoryBytes === null ? null : formatBytes(memoryBytes),
    driver === null ? null : `driver ${driver}`,
    trial === null ? null : `trial ${formatDuration(trial.ms)}`,
    trial === null || provider === 'cpu' ? null : `${formatNumber(trial.speedup, 2)} × the CPU`,
  ].filter((fact) => fact !== null);
  return (
    <li className="flex flex-col gap-0.5 border-b border-line py-2 first:pt-0 last:border-b-0">
      <div className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{NAMES[provider]}</span>
        <Badge tone={LOOKS[state].tone}>{LOOKS[state].word}</Badge>
        <span className="num min-w-0 text-xs text-ink-3">{facts.join(' · ')}</span>
      </div>
      <p className="text-xs text-ink-2">{reason}</p>
      {problems.map((problem) => (
        <p key={`${problem.code}${problem.cause}`} className="text-xs text-ink-2">
          {reason === problem.cause ? '' : `${problem.cause} `}
          {problem.remedy} <code className="text-ink-3">{problem.code}</code>
        </p>
      ))}
    </li>
  );
}
