/** One file: text, a table, a patch or an image, as far as it can be shown, and ways to keep it. */
import { Download, Ellipsis, FileQuestion, X } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import type { ArtifactContent } from '../../../src-main/contract/artifacts.ts';
import { formatBytes, formatPercent, plural } from '../../lib/format.ts';
import { toast } from '../../lib/store.ts';
import { linesOf } from '../../lib/text-diff.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { copyText } from '../../ui/CodeBlock.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { PatchView } from '../../ui/PatchView.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ScrollRegion } from '../../ui/ScrollRegion.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { TextLines } from '../../ui/TextLines.tsx';
import { type TextView, viewOfText } from './file-kind.ts';
import { ImageView } from './image-view.tsx';
import { useDownload, useFile } from './use-file.ts';

export function FileView({ runId, path }: { runId: string; path: string }) {
  const file = useFile(runId, path);
  return (
    <QueryState query={file} what="The file">
      {(content) => <Loaded key={`${runId}/${path}`} runId={runId} path={path} file={content} />}
    </QueryState>
  );
}

type LoadedProps = { runId: string; path: string; file: ArtifactContent };

function Loaded({ runId, path, file }: LoadedProps) {
  const view = useMemo(
    () => (file.kind === 'text' ? viewOfText(path, file.content, file.whole) : null),
    [file, path],
  );
  const [asText, setAsText] = useState(false);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex min-h-9 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1">
        <h3 className="min-w-0 truncate font-mono text-xs font-normal" title={path}>
          {path}
        </h3>
        <span className="num text-xs whitespace-nowrap text-ink-3">{formatBytes(file.size)}</span>
        <div className="ml-auto flex items-center gap-1">
          {view && view.kind !== 'text' ? (
            <SegmentedControl
              label="Show as"
              options={[
                { value: 'rich', label: RICH[view.kind] },
                { value: 'text', label: 'As it is' },
              ]}
              value={asText ? 'text' : 'rich'}
              onChange={(value) => setAsText(value === 'text')}
            />
          ) : null}
          <FileActions runId={runId} path={path} sha256={file.sha256} />
        </div>
      </header>
      {file.whole ? null : (
        <Note>
          The first {formatBytes(1024 * 1024)} of {formatBytes(file.size)}. Download the file to see all of
          it.
        </Note>
      )}
      <div className="min-h-0 flex-1">
        <Body runId={runId} path={path} file={file} view={asText ? { kind: 'text' } : view} />
      </div>
    </div>
  );
}

const RICH: Record<Exclude<TextView['kind'], 'text'>, string> = {
  table: 'Table',
  json: 'Formatted',
  patch: 'Coloured',
};

function Body({ runId, path, file, view }: LoadedProps & { view: TextView | null }) {
  if (file.kind === 'image') return <ImageView file={file} name={path} />;
  if (!view) return <NoPreview runId={runId} path={path} file={file} />;
  if (file.size === 0) return <p className="p-3 text-ink-3">The file is empty.</p>;
  if (view.kind === 'patch') return <PatchView patch={file.content} label={path} />;
  if (view.kind === 'table') return <CsvTable view={view} label={path} />;
  return <PlainText text={view.kind === 'json' ? view.formatted : file.content} label={path} />;
}

function PlainText({ text, label }: { text: string; label: string }) {
  const lines = useMemo(
    () =>
      linesOf(text).map((line, at) => ({
        ...{ kind: 'same' as const, left: null, right: at + 1, other: null },
        text: line.replace(/\r$/, ''),
      })),
    [text],
  );
  return <TextLines label={label} lines={lines} numbers="one" />;
}

function CsvTable({ view, label }: { view: Extract<TextView, { kind: 'table' }>; label: string }) {
  return (
    <div className="flex h-full min-h-0 flex-col">
      {view.moreRows || view.moreColumns ? (
        <Note>
          The first {view.moreRows ? plural(view.rows.length, 'row') : ''}
          {view.moreRows && view.moreColumns ? ' and ' : ''}
          {view.moreColumns ? plural(view.header.length, 'column') : ''}.
        </Note>
      ) : null}
      <ScrollRegion label={label} className="min-h-0 flex-1 focus-visible:-outline-offset-2">
        <table className="num border-separate border-spacing-0 text-left text-xs">
          <thead>
            <tr>
              {view.header.map((name, at) => (
                <th
                  // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name; they never move.
                  key={at}
                  scope="col"
                  className={`${CSV_CELL} sticky top-0 bg-canvas font-medium text-ink-2`}
                >
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {view.rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity, and never move.
              <tr key={at}>
                {view.header.map((_, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: see above.
                  <td key={column} className={CSV_CELL}>
                    {row[column]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </div>
  );
}

const CSV_CELL = 'h-6 max-w-80 truncate border-r border-b border-line px-2 whitespace-nowrap';

function NoPreview({ runId, path, file }: LoadedProps) {
  const download = useDownload();
  return (
    <EmptyState
      icon={FileQuestion}
      title={
        file.type.startsWith('image/') ? 'The image is too large to show' : 'There is no preview of this file'
      }
      action={
        <Button
          icon={Download}
          busy={download.share !== null}
          onClick={() => void download.start(runId, path)}
        >
          Download
        </Button>
      }
    >
      It has {formatBytes(file.size)}. Text, tables in CSV, patches and images are shown here.
    </EmptyState>
  );
}

function FileActions({ runId, path, sha256 }: { runId: string; path: string; sha256: string }) {
  const download = useDownload();
  const copy = (what: string, text: string) => async () => {
    if (await copyText(text)) toast.ok(`${what} copied`);
  };
  return (
    <>
      {download.share === null ? (
        <IconButton
          icon={Download}
          label="Download"
          size="sm"
          onClick={() => void download.start(runId, path)}
        />
      ) : (
        <Button size="sm" icon={X} onClick={download.cancel}>
          Cancel at {formatPercent(download.share, 0)}
        </Button>
      )}
      <Menu
        trigger={<IconButton icon={Ellipsis} label="More for this file" size="sm" />}
        items={[
          { id: 'path', label: 'Copy the path', run: copy('Path', path) },
          { id: 'uri', label: 'Copy the address for MLflow', run: copy('Address', `runs:/${runId}/${path}`) },
          { id: 'hash', label: 'Copy the SHA-256', run: copy('SHA-256', sha256) },
        ]}
      />
    </>
  );
}

const Note = ({ children }: { children: ReactNode }) => (
  <p className="num shrink-0 border-b border-line bg-info-soft px-3 py-1 text-xs text-info">{children}</p>
);
