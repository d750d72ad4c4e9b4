/** The files of a run: the tree beside what is chosen in it. */
import { FileText, FolderOpen } from 'lucide-react';
import { formatBytes, plural } from '../../lib/format.ts';
import { setQuery, useLocation } from '../../lib/router.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ArtifactTree, useFolder } from './artifact-tree.tsx';
import { FileView } from './file-view.tsx';

const SNIPPET = 'mlflow.log_artifact("confusion.png")';

export function ArtifactsPanel({ runId }: { runId: string }) {
  const root = useFolder(runId, '', 1);
  const selected = useLocation().query.file ?? null;
  const files = root.data?.entries.reduce((sum, entry) => sum + entry.files, 0) ?? 0;
  const bytes = root.data?.entries.reduce((sum, entry) => sum + entry.size, 0) ?? 0;
  const isPart = root.data?.next != null;
  return (
    <Panel
      title="Files"
      padded={false}
      hint={
        files > 0 ? `${isPart ? 'more than ' : ''}${plural(files, 'file')}, ${formatBytes(bytes)}` : undefined
      }
    >
      <QueryState query={root} what="The files">
        {({ entries, elsewhere }) =>
          entries.length === 0 ? (
            <EmptyState
              icon={FolderOpen}
              title={elsewhere === null ? 'No files' : 'The files are kept elsewhere'}
              {...(elsewhere === null ? { snippet: SNIPPET } : {})}
            >
              {elsewhere === null ? (
                'Plots, models and other files that a run logs are shown here.'
              ) : (
                <>
                  Another program keeps them at <code className="break-all">{elsewhere}</code>.
                </>
              )}
            </EmptyState>
          ) : (
            <div className="grid h-[440px] grid-cols-[minmax(200px,300px)_minmax(0,1fr)]">
              <div className="min-h-0 overflow-auto border-r border-line">
                <ArtifactTree runId={runId} selected={selected} onSelect={(file) => setQuery({ file })} />
              </div>
              <div className="min-h-0 min-w-0">
                {selected === null ? (
                  <EmptyState icon={FileText} title="No file chosen">
                    Choose one to look at it or to download it.
                  </EmptyState>
                ) : (
                  <FileView runId={runId} path={selected} />
                )}
              </div>
            </div>
          )
        }
      </QueryState>
    </Panel>
  );
}
