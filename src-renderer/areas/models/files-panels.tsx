/** What the files of a version say: operators of the ONNX model, MLflow's signature, the input example. */
import { useState } from 'react';
import type {
  InputExample,
  MlflowField,
  MlflowModel,
  ModelVersion,
  OnnxSummary,
} from '../../../src-main/contract/models.ts';
import { formatBytes, formatCount, NONE, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { Button } from '../../ui/Button.tsx';
import { CodeBlock } from '../../ui/CodeBlock.tsx';
import { KeyValue } from '../../ui/KeyValue.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ScrollRegion } from '../../ui/ScrollRegion.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { shapeText } from './version-figures.ts';

export function FilesPanels({ version }: { version: ModelVersion }) {
  const { model: name, version: number } = version;
  const files = useData(['models', 'files', name, number], (rpc, signal) =>
    rpc.models.files({ name, version: number }, { signal }),
  );
  return (
    <QueryState query={files} what="What its files say">
      {({ onnx, mlflow, example, files: count, bytes }) => (
        <>
          {onnx ? <OnnxPanel onnx={onnx} /> : null}
          {mlflow ? <MlflowPanel mlflow={mlflow} files={count} bytes={bytes} /> : null}
          {example ? <ExamplePanel example={example} /> : null}
        </>
      )}
    </QueryState>
  );
}

const FEW_OPERATORS = 8;

function OnnxPanel({ onnx }: { onnx: OnnxSummary }) {
  const [all, setAll] = useState(false);
  const shown = all ? onnx.operators : onnx.operators.slice(0, FEW_OPERATORS);
  const most = onnx.operators[0]?.count ?? 1;
  return (
    <Panel title="ONNX model" hint={onnx.whole ? null : 'too large to be read to its end'}>
      <KeyValue
        items={[
          { label: 'IR version', value: String(onnx.irVersion) },
          {
            label: 'Opsets',
            value: onnx.opsets.map(({ domain, version }) => `${domain} ${version}`).join(', '),
          },
          {
            label: 'Weights',
            value:
              onnx.weights === 0
                ? 'none as tensors'
                : `${plural(onnx.parameters, 'parameter')} in ${plural(onnx.weights, 'tensor')}`,
          },
          {
            label: 'Operators',
            value: `${plural(onnx.nodes, 'node')} of ${plural(onnx.operators.length, 'kind')}`,
          },
        ]}
      />
      <ul aria-label="Operators" className="mt-3 grid gap-1">
        {shown.map(({ name, count }) => (
          <li key={name} className="grid grid-cols-[minmax(0,1fr)_30%_56px] items-center gap-3">
            <code className="truncate" title={name}>
              {name}
            </code>
            <span className="h-1.5 rounded-full bg-inset" aria-hidden="true">
              <span
                className="block h-full min-w-0.5 rounded-full bg-accent-solid"
                style={{ width: `${(100 * count) / most}%` }}
              />
            </span>
            <span className="num text-right">{formatCount(count)}</span>
          </li>
        ))}
      </ul>
      {onnx.operators.length > FEW_OPERATORS ? (
        <div className="mt-2">
          <Button size="sm" variant="ghost" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${onnx.operators.length}`}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

type Port = MlflowField & { role: string; key: string };

const PORTS: Column<Port>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => (name === '' ? NONE : <code>{name}</code>) },
  { id: 'role', header: 'Role', cell: ({ role }) => <span className="text-ink-2">{role}</span> },
  { id: 'type', header: 'Type', cell: ({ type }) => <code className="text-ink-2">{type}</code> },
  {
    id: 'shape',
    header: 'Shape',
    cell: ({ shape }) => (shape ? <code className="text-ink-2">{shapeText(shape)}</code> : NONE),
  },
  {
    id: 'required',
    header: 'Required',
    cell: ({ role, required }) => (role === 'input' ? (required ? 'yes' : 'no') : ''),
  },
];

function MlflowPanel({ mlflow, files, bytes }: { mlflow: MlflowModel; files: number; bytes: number }) {
  const ports: Port[] = (['input', 'output', 'param'] as const).flatMap((role) =>
    mlflow[`${role}s`].map((field, at) => ({ ...field, role, key: `${role}${at}` })),
  );
  const facts = [
    mlflow.flavors.join(', '),
    mlflow.mlflowVersion && `MLflow ${mlflow.mlflowVersion}`,
    `${plural(files, 'file')}, ${formatBytes(bytes)}`,
  ].filter(Boolean);
  return (
    <Panel title="MLflow signature" hint={facts.join(' · ')} padded={ports.length === 0}>
      {ports.length === 0 ? (
        <p className="text-ink-3">The model was logged without a signature.</p>
      ) : (
        <ScrollRegion label="Inputs and outputs" className="max-h-96 -outline-offset-2">
          <Table label="MLflow signature" columns={PORTS} rows={ports} rowKey={({ key }) => key} />
        </ScrollRegion>
      )}
    </Panel>
  );
}

function ExamplePanel({ example }: { example: InputExample }) {
  const { columns, rows, more, text } = example;
  const keyed = rows.map((row, at) => ({ row, key: String(at) }));
  return (
    <Panel
      title="Input example"
      hint={more > 0 ? `${formatCount(more)} more rows` : null}
      padded={text !== null}
    >
      {text === null ? (
        <ScrollRegion label="Input example" className="max-h-96">
          <Table
            label="Input example"
            rows={keyed}
            rowKey={({ key }) => key}
            columns={columns.map((header, at) => ({
              id: String(at),
              header,
              cell: ({ row }: { row: readonly string[] }) => <code className="font-normal">{row[at]}</code>,
            }))}
          />
        </ScrollRegion>
      ) : (
        <CodeBlock code={text} label="Input example" wrap />
      )}
    </Panel>
  );
}
