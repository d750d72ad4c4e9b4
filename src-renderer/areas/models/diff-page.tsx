/** Two versions side by side: what they are, what they can, and how they were made. */
import { ArrowLeftRight } from 'lucide-react';
import { useMemo } from 'react';
import type { VersionDiffRow, VersionDiffSection } from '../../../src-main/contract/models.ts';
import { formatBytes, formatNumber, NONE, plural } from '../../lib/format.ts';
import { directionOf } from '../../lib/metric-direction.ts';
import { useData } from '../../lib/query.ts';
import { navigate, pathTo, pathToComparison, setQuery, useLocation } from '../../lib/router.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Link } from '../../ui/Link.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Select } from '../../ui/Select.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { signedText } from './version-figures.ts';

type Named = { name: string; version: string };

const SECTIONS: readonly { section: VersionDiffSection; title: string }[] = [
  { section: 'version', title: 'Version' },
  { section: 'metric', title: 'Metrics' },
  { section: 'signature', title: 'Signature' },
  { section: 'operator', title: 'Operators' },
  { section: 'param', title: 'Parameters' },
  { section: 'dataset', title: 'Data' },
  { section: 'code', title: 'Code' },
  { section: 'environment', title: 'Environment' },
  { section: 'package', title: 'Packages' },
  { section: 'tag', title: 'Tags' },
  { section: 'metadata', title: 'Metadata of the file' },
];

const pathOf = (a: Named, b: Named): string =>
  `${pathTo('models', a.name)}?diff=${a.version}..${b.version}${b.name === a.name ? '' : `&with=${encodeURIComponent(b.name)}`}`;

export function DiffPage({ a, b }: { a: Named; b: Named }) {
  const all = useLocation().query.all !== undefined;
  const diff = useData(['models', 'diff', a, b], (rpc, signal) => rpc.models.diff({ a, b }, { signal }), {
    keep: true,
  });
  return (
    <Page>
      <PageHeader
        title={a.name === b.name ? `${a.name}: ${a.version} and ${b.version}` : `${a.name} and ${b.name}`}
        trail={[
          { label: 'Models', to: '/models' },
          { label: a.name, to: pathTo('models', a.name) },
        ]}
        actions={
          <>
            <span className="mr-3">
              <RunsLink runs={diff.data?.runs ?? []} />
            </span>
            <Switch
              label="Only what differs"
              checked={!all}
              onChange={(only) => setQuery({ all: only ? null : '1' })}
            />
          </>
        }
      />
      <div className="mb-3 flex flex-wrap items-end gap-3">
        <Chooser label="First version" chosen={a} onChoose={(next) => navigate(pathOf(next, b))} />
        <Button icon={ArrowLeftRight} onClick={() => navigate(pathOf(b, a))}>
          Swap
        </Button>
        <Chooser label="Second version" chosen={b} onChoose={(next) => navigate(pathOf(a, next))} />
      </div>
      <QueryState query={diff} what="The comparison">
        {({ rows, runs }) => <Sections rows={rows} runs={runs} a={a} b={b} all={all} />}
      </QueryState>
    </Page>
  );
}

/** Everything else that differs between their runs, curves and files included, is on the page of the comparison. */
function RunsLink({ runs }: { runs: readonly (string | null)[] }) {
  const [a, b] = runs;
  if (!a || !b || a === b) return null;
  return <Link to={pathToComparison([a, b])}>Compare their runs</Link>;
}

function Chooser({
  label,
  chosen,
  onChoose,
}: {
  label: string;
  chosen: Named;
  onChoose: (next: Named) => void;
}) {
  const models = useData(['models', 'list'], (rpc, signal) => rpc.models.list(undefined, { signal }));
  const model = useData(['models', 'get', chosen.name], (rpc, signal) =>
    rpc.models.get({ name: chosen.name }, { signal }),
  );
  const names = models.data?.filter(({ latest }) => latest !== null) ?? [];
  return (
    <div className="flex items-end gap-2">
      <div className="w-52">
        <Select
          label={label}
          value={chosen.name}
          options={names.map(({ name }) => ({ value: name, label: name }))}
          onChange={(name) =>
            onChoose({ name, version: names.find((one) => one.name === name)?.latest ?? '1' })
          }
        />
      </div>
      <div className="w-44">
        <Select
          label="Version"
          hideLabel
          value={chosen.version}
          options={(model.data?.versions ?? []).map(({ version, aliases }) => ({
            value: version,
            label: [`v${version}`, ...aliases.map((alias) => `@${alias}`)].join(' '),
          }))}
          onChange={(version) => onChoose({ ...chosen, version })}
        />
      </div>
    </div>
  );
}

type SectionsProps = {
  rows: readonly VersionDiffRow[];
  runs: readonly (string | null)[];
  a: Named;
  b: Named;
  all: boolean;
};

function Sections({ rows, runs, a, b, all }: SectionsProps) {
  const bySection = useMemo(() => Map.groupBy(rows, ({ section }) => section), [rows]);
  const names = a.name === b.name ? [`v${a.version}`, `v${b.version}`] : [title(a), title(b)];
  if (!all && rows.every(({ differs }) => !differs))
    return (
      <Panel>
        <EmptyState icon={ArrowLeftRight} title="Nothing differs">
          Both have the same content, signature, metrics and tags, and were made in the same way.
        </EmptyState>
      </Panel>
    );
  return (
    <div className="grid grid-cols-1 items-start gap-3 2xl:grid-cols-2">
      {SECTIONS.map(({ section, title: heading }) => {
        const own = bySection.get(section) ?? [];
        const shown = all ? own : own.filter(({ differs }) => differs);
        const alike = own.length - own.filter(({ differs }) => differs).length;
        if (shown.length === 0) return null;
        return (
          <Panel
            key={section}
            title={heading}
            hint={all || alike === 0 ? plural(shown.length, 'row') : `${shown.length} differ, ${alike} alike`}
            padded={false}
            actions={section === 'code' ? <Runs runs={runs} names={names} /> : null}
          >
            <div className="overflow-x-auto">
              <Table
                label={heading}
                columns={columnsFor(section, names)}
                rows={shown}
                rowKey={({ key }) => key}
              />
            </div>
          </Panel>
        );
      })}
    </div>
  );
}

const title = ({ name, version }: Named): string => `${name} v${version}`;

function Runs({ runs, names }: { runs: readonly (string | null)[]; names: readonly string[] }) {
  return (
    <span className="flex gap-3 text-xs">
      {runs.map((run, at) =>
        run === null ? null : (
          <Link key={names[at]} to={pathTo('runs', run)}>
            run of {names[at]}
          </Link>
        ),
      )}
    </span>
  );
}

function columnsFor(section: VersionDiffSection, names: readonly string[]): Column<VersionDiffRow>[] {
  const value = (at: 0 | 1): Column<VersionDiffRow> => ({
    id: `side${at}`,
    header: names[at] ?? '',
    align: section === 'metric' || section === 'operator' ? 'right' : 'left',
    width: section === 'metric' || section === 'operator' ? '18%' : '36%',
    cell: ({ key, values }) => (
      <Value section={section} label={key} value={values[at] ?? null} other={values[1 - at] ?? null} />
    ),
  });
  const change: Column<VersionDiffRow> = {
    id: 'change',
    header: 'Change',
    align: 'right',
    width: '110px',
    cell: (row) => <Change row={row} />,
  };
  return [
    {
      id: 'key',
      header: 'Name',
      cell: ({ key, differs }) => (
        <span className={differs ? 'font-medium' : 'font-normal text-ink-2'}>{key}</span>
      ),
      sort: ({ key }) => key,
    },
    value(0),
    value(1),
    ...(section === 'metric' || section === 'operator' ? [change] : []),
  ];
}

function Value({
  section,
  label,
  value,
  other,
}: {
  section: VersionDiffSection;
  label: string;
  value: string | number | null;
  other: string | number | null;
}) {
  if (value === null) return <span className="text-ink-3">{NONE}</span>;
  if (label === 'Size' && typeof value === 'number')
    return <span title={`${value} bytes`}>{formatBytes(value)}</span>;
  if (typeof value === 'number')
    return <span className="num">{formatNumber(value, section === 'metric' ? 6 : 10)}</span>;
  // As much of a hash as tells the two apart.
  const [, kind = '', hash] = /^(sha256:|digest:)?([0-9a-f]{8,64})$/.exec(value) ?? [];
  const isHash = hash !== undefined && (kind !== '' || hash.length >= 40);
  const short = `${kind}${hash?.slice(0, 12) ?? ''}`;
  const alike = value !== other && String(other).startsWith(short);
  return (
    <span className="block max-w-96 truncate" title={value}>
      {isHash ? <code>{alike ? value : short}</code> : value}
    </span>
  );
}

/** The second minus the first; for metrics with a known direction, whether that is better. */
function Change({ row: { section, key, values } }: { row: VersionDiffRow }) {
  const [from, to] = values;
  if (typeof from !== 'number' || typeof to !== 'number') return null;
  const by = to - from;
  const direction = section === 'metric' && by !== 0 ? directionOf(key) : null;
  const better = direction === null ? null : direction === 'higher' ? by > 0 : by < 0;
  return (
    <span className={`num ${better === null ? 'text-ink-3' : better ? 'text-ok' : 'text-bad'}`}>
      {section === 'operator' && by !== 0 ? `${by > 0 ? '+' : '−'}${Math.abs(by)}` : signedText(by)}
      {better === null ? null : <span className="sr-only">{better ? ' better' : ' worse'}</span>}
    </span>
  );
}
