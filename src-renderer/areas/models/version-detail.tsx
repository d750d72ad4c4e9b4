import { CircleCheck, CircleDashed } from 'lucide-react';
import type { TensorSpec } from '../../../src-main/contract/common.ts';
import type { ModelVersion } from '../../../src-main/contract/models.ts';
import { formatBytes, formatDateTime, formatNumber, NONE } from '../../lib/format.ts';
import { pathTo } from '../../lib/router.ts';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { Aliases } from './aliases.tsx';

type Port = TensorSpec & { role: 'input' | 'output' };

const PORTS: Column<Port>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => <code>{name}</code> },
  { id: 'role', header: 'Role', cell: ({ role }) => <span className="text-ink-2">{role}</span> },
  { id: 'type', header: 'Datatype', cell: ({ datatype }) => <code className="text-ink-2">{datatype}</code> },
  {
    id: 'shape',
    header: 'Shape',
    cell: ({ shape }) => <code className="text-ink-2">{shapeText(shape)}</code>,
  },
];

/** The first free dimension is the batch. */
const shapeText = (shape: readonly number[]): string =>
  `[${shape.map((size, i) => (size >= 0 ? String(size) : i === 0 ? 'N' : '?')).join(', ')}]`;

export function VersionDetail({ version }: { version: ModelVersion }) {
  const ports: Port[] = [
    ...version.inputs.map((spec) => ({ ...spec, role: 'input' as const })),
    ...version.outputs.map((spec) => ({ ...spec, role: 'output' as const })),
  ];
  return (
    <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-3">
        <Panel title={`Version ${version.version}`} hint={version.description}>
          <KeyValue
            items={[
              {
                label: 'Aliases',
                value: version.aliases.length > 0 ? <Aliases names={version.aliases} /> : NONE,
              },
              { label: 'Created', value: formatDateTime(version.createdMs) },
              {
                label: 'From run',
                value: version.runId ? (
                  <Link to={pathTo('runs', version.runId)}>{version.runId.slice(0, 13)}</Link>
                ) : (
                  'imported from a file'
                ),
              },
              { label: 'Drift reference', value: <Reference present={version.hasReference} /> },
              { label: 'Prediction', value: predictionText(version) },
              { label: 'Size', value: formatBytes(version.sizeBytes) },
              {
                label: 'Made with',
                value: `${version.producer || 'unknown'}${version.opset === null ? '' : `, opset ${version.opset}`}`,
              },
              ...(version.sha256 === null
                ? []
                : [{ label: 'SHA-256', value: <Sha256 text={version.sha256} /> }]),
              ...(version.stage === 'None' ? [] : [{ label: 'Stage', value: version.stage }]),
              ...Object.entries(version.tags).map(([label, value]) => ({ label, value })),
              ...Object.entries(version.metrics).map(([label, value]) => ({
                label,
                value: <span className="num">{formatNumber(value, 6)}</span>,
              })),
            ]}
          />
        </Panel>
        {Object.keys(version.metadata).length > 0 ? (
          <Panel title="Metadata" hint="as the file carries it">
            <KeyValue
              items={Object.entries(version.metadata).map(([label, value]) => ({ label, value, mono: true }))}
            />
          </Panel>
        ) : null}
      </div>
      <Panel
        title="Signature"
        hint={`${version.inputs.length} inputs, ${version.outputs.length} outputs`}
        padded={false}
      >
        <Table
          label="Signature"
          columns={PORTS}
          rows={ports}
          rowKey={({ role, name }) => `${role}:${name}`}
        />
      </Panel>
    </div>
  );
}

function Reference({ present }: { present: boolean }) {
  const Icon = present ? CircleCheck : CircleDashed;
  return (
    <span className="inline-flex items-center gap-1.5">
      <Icon size={14} aria-hidden="true" className={present ? 'text-ok' : 'text-ink-3'} />
      {present ? 'training profile stored: drift is watched' : 'none: drift cannot be computed'}
    </span>
  );
}

function predictionText({ prediction }: ModelVersion): string {
  if (prediction.task === 'other') return 'not read by monitoring';
  const from = prediction.score
    ? `score ${prediction.score.output}[${prediction.score.index}]`
    : (prediction.label ?? 'unknown output');
  return prediction.task === 'binary-classification'
    ? `binary classification; ${from}, positive from ${prediction.threshold}`
    : `regression; ${from}`;
}

const Sha256 = ({ text }: { text: string }) => (
  <span className="flex items-center gap-1">
    <code className="truncate" title={text}>
      {text}
    </code>
    <CopyButton text={text} label="Copy the SHA-256" />
  </span>
);
