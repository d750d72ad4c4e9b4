import type { ModelVersion, RegisteredModel } from '../../../src-main/contract/models.ts';
import { formatBytes, formatNumber, NONE } from '../../lib/format.ts';
import { pathTo } from '../../lib/router.ts';
import { Link } from '../../ui/Link.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { Aliases } from './aliases.tsx';
import { differenceTo, metricNames, signedText } from './version-figures.ts';

type VersionTableProps = {
  model: RegisteredModel;
  versions: readonly ModelVersion[];
  baseline: ModelVersion | null;
  current: string | null;
  selected: ReadonlySet<string>;
  onSelect(selected: ReadonlySet<string>): void;
};

const SHOWN_METRICS = 4;

export function VersionTable({ model, versions, baseline, current, selected, onSelect }: VersionTableProps) {
  const columns: Column<ModelVersion>[] = [
    {
      id: 'version',
      header: 'Version',
      cell: ({ version }) => `v${version}`,
      sort: ({ version }) => Number(version),
    },
    { id: 'aliases', header: 'Aliases', cell: ({ aliases }) => <Aliases names={aliases} /> },
    ...metricNames(versions)
      .slice(0, SHOWN_METRICS)
      .map(
        (metric): Column<ModelVersion> => ({
          id: `m:${metric}`,
          header: metric,
          align: 'right',
          sort: ({ metrics }) => metrics[metric] ?? null,
          cell: (version) => <MetricCell version={version} baseline={baseline} metric={metric} />,
        }),
      ),
    {
      id: 'served',
      header: 'Served by',
      cell: ({ servedBy }) =>
        servedBy.length === 0 ? (
          <span className="text-ink-3">{NONE}</span>
        ) : (
          servedBy.map((endpoint, i) => (
            <span key={endpoint}>
              {i > 0 ? ', ' : ''}
              <Link to={pathTo('serving', endpoint)}>{endpoint}</Link>
            </span>
          ))
        ),
    },
    {
      id: 'inputs',
      header: 'Inputs',
      align: 'right',
      cell: ({ inputs }) => inputs.length,
      sort: ({ inputs }) => inputs.length,
    },
    {
      id: 'size',
      header: 'Size',
      align: 'right',
      cell: ({ sizeBytes }) => formatBytes(sizeBytes),
      sort: ({ sizeBytes }) => sizeBytes,
    },
    { id: 'opset', header: 'Opset', align: 'right', cell: ({ opset }) => opset ?? NONE },
    {
      id: 'created',
      header: 'Created',
      align: 'right',
      cell: ({ createdMs }) => <TimeAgo ms={createdMs} />,
      sort: ({ createdMs }) => createdMs,
    },
  ];
  return (
    <Table
      label="Versions"
      columns={columns}
      rows={versions}
      rowKey={({ version }) => version}
      href={({ version }) => `${pathTo('models', model.name)}?version=${version}`}
      current={current}
      selection={{ selected, onChange: onSelect }}
      defaultSort={{ id: 'version', direction: 'desc' }}
      empty={
        <p className="p-3 text-ink-3">
          No version yet. Import an .onnx file, or register one with the mlflow package.
        </p>
      }
    />
  );
}

function MetricCell({
  version,
  baseline,
  metric,
}: {
  version: ModelVersion;
  baseline: ModelVersion | null;
  metric: string;
}) {
  const value = version.metrics[metric];
  const difference = differenceTo(baseline, version, metric);
  if (value === undefined) return <span className="text-ink-3">{NONE}</span>;
  const tone = difference?.better == null ? 'text-ink-3' : difference.better ? 'text-ok' : 'text-bad';
  return (
    <>
      {formatNumber(value)}
      {difference ? (
        <span className={`ml-1.5 text-xs ${tone}`}>
          {signedText(difference.by)}
          {difference.better === null ? null : (
            <span className="sr-only">{difference.better ? ' better' : ' worse'}</span>
          )}
        </span>
      ) : null}
    </>
  );
}
