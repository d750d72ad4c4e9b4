import { Boxes, Upload } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { RegisteredModel } from '../../../src-main/contract/models.ts';
import { formatCount, NONE, plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { pathTo, setQuery, useLocation } from '../../lib/router.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { TimeAgo } from '../../ui/TimeAgo.tsx';
import { DropZone } from './drop-zone.tsx';
import { ImportDialog } from './import-dialog.tsx';

const COLUMNS: Column<RegisteredModel>[] = [
  { id: 'name', header: 'Model', cell: ({ name }) => name, sort: ({ name }) => name },
  {
    id: 'description',
    header: 'Description',
    cell: ({ description }) => <span className="text-ink-2">{description}</span>,
  },
  {
    id: 'aliases',
    header: 'Aliases',
    cell: ({ aliases }) => (
      <span className="inline-flex gap-1">
        {Object.entries(aliases).map(([alias, version]) => (
          <Badge key={alias} tone="accent">
            @{alias} {version}
          </Badge>
        ))}
      </span>
    ),
  },
  {
    id: 'served',
    header: 'Served by',
    cell: ({ servedBy }) => servedBy.join(', ') || <span className="text-ink-3">{NONE}</span>,
  },
  {
    id: 'versions',
    header: 'Versions',
    align: 'right',
    width: '90px',
    cell: ({ versionCount }) => formatCount(versionCount),
    sort: ({ versionCount }) => versionCount,
  },
  {
    id: 'latest',
    header: 'Latest',
    align: 'right',
    width: '80px',
    cell: ({ latest }) => (latest ? `v${latest}` : NONE),
  },
  {
    id: 'updated',
    header: 'Last change',
    align: 'right',
    width: '130px',
    cell: ({ updatedMs }) => <TimeAgo ms={updatedMs} />,
    sort: ({ updatedMs }) => updatedMs,
  },
];

const EXPORT_SNIPPET = `# scikit-learn → ONNX, ready to import
from skl2onnx import to_onnx

model_onnx = to_onnx(model, X[:1])
with open("model.onnx", "wb") as file:
    file.write(model_onnx.SerializeToString())`;

export function ModelList() {
  const models = useData(['models', 'list'], (rpc, signal) => rpc.models.list(undefined, { signal }));
  const asked = useLocation().query.import !== undefined;
  const [file, setFile] = useState<File | null>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!asked) return;
    setOpen(true);
    setQuery({ import: null });
  }, [asked]);

  const importButton = (
    <Button variant="primary" icon={Upload} onClick={() => setOpen(true)}>
      Import model
    </Button>
  );
  return (
    <DropZone
      label="Drop an .onnx file to import it"
      onFile={(dropped) => {
        setFile(dropped);
        setOpen(true);
      }}
    >
      <Page>
        <PageHeader
          title="Models"
          subtitle="ONNX models with their versions, where they came from and where they serve. Drop a file anywhere here to import it."
          actions={models.data?.length ? importButton : null}
        />
        <Panel
          padded={false}
          title="Registry"
          hint={models.data ? plural(models.data.length, 'model') : null}
        >
          <QueryState query={models} what="Models">
            {(rows) => (
              <Table
                label="Models"
                columns={COLUMNS}
                rows={rows}
                rowKey={({ name }) => name}
                href={({ name }) => pathTo('models', name)}
                empty={
                  <EmptyState
                    icon={Boxes}
                    title="No models yet"
                    action={importButton}
                    snippet={EXPORT_SNIPPET}
                  >
                    A model is an ONNX file with versions. Import one, or drop it here.
                  </EmptyState>
                }
              />
            )}
          </QueryState>
        </Panel>
      </Page>
      {open ? (
        <ImportDialog
          file={file}
          taken={models.data?.map(({ name }) => name) ?? []}
          onClose={() => {
            setOpen(false);
            setFile(null);
          }}
        />
      ) : null}
    </DropZone>
  );
}
