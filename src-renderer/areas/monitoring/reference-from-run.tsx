/** A reference from the files of the run that made a version. */
import { FileQuestion } from 'lucide-react';
import { useState } from 'react';
import { reportOf } from '../../lib/errors.ts';
import { formatBytes } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { type ChosenColumns, chosenIn, ReferenceColumns, scoredBy, watchedIn } from './reference-columns.tsx';
import { useTakeReference } from './use-take-reference.ts';
import { VersionField } from './version-field.tsx';

type Props = { model: string; versions: readonly string[]; onClose: () => void; onFile: () => void };

export function ReferenceFromRun({ model, versions, onClose, onFile }: Props) {
  const [version, setVersion] = useState(versions[0] ?? '1');
  const [path, setPath] = useState<string | null>(null);
  const [picked, setPicked] = useState<ChosenColumns | null>(null);
  const choose = (next: string | null) => {
    setPath(next);
    setPicked(null);
  };
  const files = useData(['monitoring', 'runFiles', model, version], (rpc, signal) =>
    rpc.references.runFiles({ model, version }, { signal }),
  );
  const chosen = path ?? files.data?.[0]?.path ?? null;
  const preview = useData(
    ['models', 'previewRun', model, version, chosen],
    (rpc, signal) => rpc.references.previewRun({ model, version, path: chosen ?? '' }, { signal }),
    { enabled: chosen !== null },
  );
  const columns = picked ?? (preview.data ? chosenIn(preview.data) : null);
  const take = useTakeReference(
    (rpc, { path, columns }: { path: string; columns: ChosenColumns }) =>
      rpc.references.fromRun({ model, version, path, ...scoredBy(columns) }),
    onClose,
  );
  const failure = take.error ? reportOf(take.error) : null;
  return (
    <Dialog
      open
      onClose={onClose}
      width="lg"
      title="Add a reference from the run’s files"
      description="Files of the run that made the version. The data it was trained on tells whether live traffic fits it."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={chosen === null || columns === null || watchedIn(columns) === 0}
            busy={take.isPending}
            onClick={() => chosen !== null && columns !== null && take.mutate({ path: chosen, columns })}
          >
            Add reference
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <div className="w-40">
          <VersionField
            versions={versions}
            value={version}
            onChange={(next) => {
              setVersion(next);
              choose(null);
            }}
          />
        </div>
        <QueryState query={files} what="The run’s files">
          {(found) =>
            found.length === 0 ? (
              <EmptyState
                icon={FileQuestion}
                title="No file of this run could be one"
                action={<Button onClick={onFile}>Choose a file instead</Button>}
              >
                Parquet and CSV artifacts of the run that made version {version} show here.
              </EmptyState>
            ) : (
              <fieldset className="flex max-h-44 flex-col overflow-auto rounded-md border border-line">
                <legend className="sr-only">File</legend>
                {found.map((file) => (
                  <label
                    key={file.path}
                    className="flex min-h-(--row-h) items-center gap-2.5 border-b border-line px-3 last:border-b-0 hover:bg-hover has-checked:bg-selected"
                  >
                    <input
                      type="radio"
                      name="run-file"
                      className="accent-(--accent-solid)"
                      checked={file.path === chosen}
                      onChange={() => choose(file.path)}
                    />
                    <code className="min-w-0 flex-1 truncate" title={file.path}>
                      {file.path}
                    </code>
                    <span className="num text-xs text-ink-3">{formatBytes(file.bytes)}</span>
                  </label>
                ))}
              </fieldset>
            )
          }
        </QueryState>
        {chosen === null ? null : (
          <QueryState query={preview} what="The file’s columns">
            {() => (columns ? <ReferenceColumns chosen={columns} onChange={setPicked} /> : null)}
          </QueryState>
        )}
        <FailureCallout report={failure} />
      </div>
    </Dialog>
  );
}
