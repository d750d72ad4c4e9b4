/** A reference from a Parquet or CSV file: what is in it is shown before it is taken. */
import { FileSpreadsheet } from 'lucide-react';
import { useState } from 'react';
import type { ReferencePreview } from '../../../src-main/contract/references.ts';
import { reportOf } from '../../lib/errors.ts';
import { formatCount, formatPercent, plural } from '../../lib/format.ts';
import { rpc } from '../../lib/rpc.ts';
import { tooLarge } from '../../lib/upload.ts';
import { useUpload } from '../../lib/use-upload.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { FileField } from '../../ui/FileField.tsx';
import { ScrollRegion } from '../../ui/ScrollRegion.tsx';
import { Select } from '../../ui/Select.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { UploadStatus } from '../../ui/UploadStatus.tsx';
import { useTakeReference } from './use-take-reference.ts';
import { VersionField } from './version-field.tsx';

type Props = { model: string; versions: readonly string[]; onClose: () => void };
type Seen = { uploadId: string; preview: ReferencePreview; score: string; label: string };
type PreviewColumn = ReferencePreview['columns'][number];

export function ReferenceFromFile({ model, versions, onClose }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [version, setVersion] = useState(versions[0] ?? '1');
  const [title, setTitle] = useState('');
  const [seen, setSeen] = useState<Seen | null>(null);
  const upload = useUpload(
    async (uploadId) => ({ uploadId, preview: await rpc.references.preview({ model, version, uploadId }) }),
    ({ uploadId, preview }) => {
      const role = (wanted: PreviewColumn['role']) =>
        preview.columns.find((column) => column.role === wanted)?.name ?? '';
      setSeen({ uploadId, preview, score: role('prediction'), label: role('label') });
    },
  );
  const take = useTakeReference(
    (client, { uploadId, score, label }: Seen) =>
      client.references.fromFile({
        model,
        version,
        uploadId,
        title,
        ...(score ? { scoreColumn: score } : {}),
        ...(label ? { labelColumn: label } : {}),
      }),
    onClose,
  );
  const choose = (chosen: File, of = version) => {
    setFile(chosen);
    setSeen(null);
    take.reset();
    if (title === '') setTitle(chosen.name.replace(/\.[^.]+$/, ''));
    setVersion(of);
    if (tooLarge(chosen)) upload.cancel();
    else void upload.start(chosen);
  };
  const inputs = seen?.preview.columns.filter(({ role }) => role === 'input') ?? [];
  const watched = inputs.filter(({ problem }) => problem === null).length;
  const close = () => {
    upload.cancel();
    onClose();
  };
  return (
    <Dialog
      open
      onClose={close}
      width="lg"
      title="Add a reference from a file"
      description="One row per prediction, with a column for each input of the model."
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            variant="primary"
            disabled={!seen || watched === 0}
            busy={take.isPending}
            onClick={() => seen && take.mutate(seen)}
          >
            Add reference
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <FileField
          label="Reference file"
          icon={FileSpreadsheet}
          accept=".parquet,.csv"
          hint="Parquet or CSV, 2 GiB at most"
          file={file}
          disabled={take.isPending}
          onChoose={choose}
        />
        <UploadStatus upload={upload} file={file} working="Reading the file" note="looking at its columns" />
        <FailureCallout report={take.error && reportOf(take.error)} />
        <div className="grid grid-cols-[minmax(0,1fr)_160px] gap-3">
          <TextField
            label="Title"
            value={title}
            onChange={setTitle}
            maxLength={200}
            placeholder="Training data 2013"
          />
          <VersionField
            versions={versions}
            value={version}
            onChange={(next) => (file ? choose(file, next) : setVersion(next))}
          />
        </div>
        {seen ? <Preview seen={seen} watched={watched} onChange={setSeen} /> : null}
      </div>
    </Dialog>
  );
}

type PreviewProps = { seen: Seen; watched: number; onChange: (seen: Seen) => void };

function Preview({ seen, watched, onChange }: PreviewProps) {
  const { preview } = seen;
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
          value={seen.score}
          onChange={(score) => onChange({ ...seen, score })}
          options={[{ value: '', label: 'None' }, ...names]}
          help="For prediction drift, and for quality without labels."
        />
        <Select
          label="Column with the label (optional)"
          value={seen.label}
          onChange={(label) => onChange({ ...seen, label })}
          options={[{ value: '', label: 'None' }, ...names]}
          help="For the quality that live quality is compared with."
        />
      </div>
      <p className="num text-xs text-ink-2">
        {plural(preview.rows, 'row')}, {plural(preview.columns.length, 'column')}; {watched} can be watched
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
