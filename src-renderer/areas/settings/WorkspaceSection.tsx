import { FolderOpen, FolderPlus, Sparkles } from 'lucide-react';
import { useAction } from '../../lib/query.ts';
import { useConnection } from '../../lib/rpc.ts';
import { Button } from '../../ui/Button.tsx';
import { CopyButton } from '../../ui/CodeBlock.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { SettingRow } from './SettingRow.tsx';

export function WorkspaceSection() {
  const { hello } = useConnection();
  const choose = useAction((rpc, mode: 'open' | 'create' | 'sample') => rpc.workspace.choose({ mode }));
  if (!hello) return null;
  const { workspace, host } = hello;
  return (
    <Panel title="Workspace" hint={workspace.name} padded={false}>
      <SettingRow
        title="Folder"
        help="Everything Lathe knows is in this one folder: copy it to back it up or to move it."
      >
        <span className="flex max-w-full min-w-0 items-center gap-1">
          <code className="min-w-0 break-all">{workspace.path}</code>
          <CopyButton text={workspace.path} label="Copy the path" />
        </span>
      </SettingRow>
      <SettingRow
        title="Another workspace"
        help={
          host.workspaces
            ? 'Lathe closes this one in order and opens the other.'
            : 'This Lathe was started for one folder. Start it again with another one to change it.'
        }
      >
        {host.workspaces ? (
          <div className="flex flex-wrap justify-end gap-2">
            <Button icon={FolderOpen} disabled={choose.isPending} onClick={() => choose.mutate('open')}>
              Open
            </Button>
            <Button icon={FolderPlus} disabled={choose.isPending} onClick={() => choose.mutate('create')}>
              Create
            </Button>
            <Button icon={Sparkles} disabled={choose.isPending} onClick={() => choose.mutate('sample')}>
              Fresh sample
            </Button>
          </div>
        ) : (
          <code className="text-ink-2">lathe serve --workspace DIR</code>
        )}
      </SettingRow>
    </Panel>
  );
}
