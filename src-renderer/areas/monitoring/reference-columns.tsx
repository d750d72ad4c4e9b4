/** What a file for a reference holds, and which of its columns are the score and the label. */
import type { ReferencePreview } from '../../../src-main/contract/references.ts';
import { formatCount, formatPercent, plural } from '../../lib/format.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { ScrollRegion } from '../../ui/ScrollRegion.tsx';
import { Select } from '../../ui/Select.tsx';
import { type Column, Table } from '../../ui/Table.tsx';

type PreviewColumn = ReferencePreview['columns'][number];
export type ChosenColumns = { preview: ReferencePreview; score: string; label: string };

/** Score and label by the names of the columns, until somebody chooses others. */
export function chosenIn(preview: ReferencePreview): ChosenColumns {
  const role = (wanted: PreviewColumn['role']) =>
    preview.columns.find((column) => column.role === wanted)?.name ?? '';
  return { preview, score: role('prediction'), label: role('label') };
}

export const scoredBy = ({ score, label }: ChosenColumns) => ({
  ...(score ? { scoreColumn: score } : {}),
  ...(label ? { labelColumn: label } : {}),
});

/** Inputs that can be watched. */
export const watchedIn = ({ preview }: ChosenColumns): number =>
  preview.columns.filter(({ role, problem }) => role === 'input' && problem === null).length;

type Props = { chosen: ChosenColumns; onChange: (chosen: ChosenColumns) => void };

export function ReferenceColumns({ chosen, onChange }: Props) {
  const { preview } = chosen;
  const names = preview.columns.map(({ name }) => ({ value: name, label: name }));
  const problems = preview.columns.filter(({ problem }) => problem !== null).length;
  return (
    <>
      {preview.absent.length > 0 ? (
        <Callout tone="warn" title={`${plural(preview.absent.length, 'input')} will not be watched.`}>
          The file has no column for {preview.absent.join(', ')}.
        </Callout>
      ) : null}
      <div className="grid grid-cols-2 gap-3">
        <Select
          label="Column with the score (optional)"
          value={chosen.score}
          onChange={(score) => onChange({ ...chosen, score })}
          options={[{ value: '', label: 'None' }, ...names]}
          help="For prediction drift, and for quality without labels."
        />
        <Select
          label="Column with the label (optional)"
          value={chosen.label}
          onChange={(label) => onChange({ ...chosen, label })}
          options={[{ value: '', label: 'None' }, ...names]}
          help="For the quality that live quality is compared with."
        />
      </div>
      <p className="num text-xs text-ink-2">
        {plural(preview.rows, 'row')}, {plural(preview.columns.length, 'column')}; {watchedIn(chosen)} can be
        watched
        {problems > 0 ? `, ${plural(problems, 'column')} with a problem` : ''}.
      </p>
      <ScrollRegion label="Columns of the file" className="max-h-64 rounded-md border border-line">
        <Table
          label="Columns of the file"
          columns={COLUMNS}
          rows={preview.columns}
          rowKey={({ name }) => name}
          defaultSort={{ id: 'problem', direction: 'desc' }}
        />
      </ScrollRegion>
    </>
  );
}

const ROLES: Readonly<Record<PreviewColumn['role'], string>> = {
  input: 'input',
  prediction: 'score',
  label: 'label',
  other: 'not used',
};

const COLUMNS: Column<PreviewColumn>[] = [
  { id: 'name', header: 'Column', cell: ({ name }) => name, sort: ({ name }) => name },
  {
    id: 'role',
    header: 'Used as',
    cell: ({ role, kind }) =>
      role === 'other' ? (
        <span className="text-ink-3">{ROLES.other}</span>
      ) : (
        `${ROLES[role]}${kind ? `, ${kind}` : ''}`
      ),
    sort: ({ role }) => ROLES[role],
  },
  { id: 'type', header: 'Type', cell: ({ type }) => <code>{type}</code> },
  {
    id: 'missing',
    header: 'Missing',
    align: 'right',
    cell: ({ missing }) => formatPercent(missing),
    sort: ({ missing }) => missing,
  },
  {
    id: 'distinct',
    header: 'Distinct',
    align: 'right',
    cell: ({ distinct }) => formatCount(distinct),
    sort: ({ distinct }) => distinct,
  },
  {
    id: 'problem',
    header: 'Problem',
    cell: ({ problem }) =>
      problem ? (
        <span title={problem}>
          <Badge tone="warn">{problem}</Badge>
        </span>
      ) : (
        <span className="text-ink-3">none</span>
      ),
    sort: ({ problem }) => (problem ? 1 : 0),
  },
];
