import { CircleCheck, CircleDashed } from 'lucide-react';
import type { TensorSpec } from '../../../src-main/contract/common.ts';
import type { ModelVersion, RegisteredModel } from '../../../src-main/contract/models.ts';
import { formatBytes, formatDateTime, formatNumber } from '../../lib/format.ts';
import { pathTo } from '../../lib/router.ts';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { EditableText } from '../../ui/EditableText.tsx';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Select } from '../../ui/Select.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { FilesPanels } from './files-panels.tsx';
import { AliasEditor, TagEditor } from './label-editors.tsx';
import { describeVersion, type Stage, setStage } from './use-edit.ts';
import { shapeText } from './version-figures.ts';

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

const STAGES: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived'];

export function VersionDetail({ model, version }: { model: RegisteredModel; version: ModelVersion }) {
  const ports: Port[] = [
    ...version.inputs.map((spec) => ({ ...spec, role: 'input' as const })),
    ...version.outputs.map((spec) => ({ ...spec, role: 'output' as const })),
  ];
  return (
    <div className="grid grid-cols-1 items-start gap-3 xl:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-3">
        <Panel title={`Version ${version.version}`}>
          <KeyValue
            items={[
              {
                label: 'Description',
                value: (
                  <EditableText
                    key={version.version}
                    value={version.description}
                    label={`Description of version ${version.version}`}
                    placeholder="None yet"
                    maxLength={5_000}
                    onSave={(text) => describeVersion(version, text)}
                  />
                ),
              },
              {
                label: 'Aliases',
                value: <AliasEditor key={version.version} model={model} version={version} />,
              },
              {
                label: 'Tags',
                value: (
                  <TagEditor
                    key={version.version}
                    model={model.name}
                    version={version.version}
                    tags={version.tags}
                  />
                ),
              },
              {
                label: 'Stage',
                value: (
                  <span className="block w-36">
                    <Select
                      label="Stage"
                      hideLabel
                      value={version.stage as Stage}
                      options={STAGES.map((stage) => ({ value: stage, label: stage }))}
                      onChange={(stage) => setStage(version, stage)}
                    />
                  </span>
                ),
              },
              { label: 'Created', value: formatDateTime(version.createdMs) },
              {
                label: 'From run',
                value: version.runId ? (
                  <Link to={pathTo('runs', version.runId)}>{version.runId.slice(0, 13)}</Link>
                ) : (
                  fromFile(version)
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
      <div className="flex min-w-0 flex-col gap-3">
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
        <FilesPanels key={version.version} version={version} />
      </div>
    </div>
  );
}

/** Lathe keeps what was imported here below registry/. */
const fromFile = ({ source }: ModelVersion): string =>
  source.startsWith('mlflow-artifacts:/registry/') ? 'imported from a file' : 'none that is here';

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
  if (prediction.task === 'other')
    return prediction.label === null ? 'not read by monitoring' : `class ${prediction.label}`;
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
