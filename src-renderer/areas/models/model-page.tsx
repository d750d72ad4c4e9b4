/** One model: its versions against the champion, the chosen version in detail, and where all of it came from. */
import { GitCompareArrows, Radio, Upload } from 'lucide-react';
import { useState } from 'react';
import type { ModelVersion, RegisteredModel } from '../../../src-main/contract/models.ts';
import { plural } from '../../lib/format.ts';
import { useData } from '../../lib/query.ts';
import { navigate, useLocation } from '../../lib/router.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { EditableText } from '../../ui/EditableText.tsx';
import { Page } from '../../ui/Page.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { LineagePanel } from '../lineage/index.tsx';
import { DropZone } from './drop-zone.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { TagEditor } from './label-editors.tsx';
import { ModelMenu } from './model-menu.tsx';
import { ServeDialog } from './serve-dialog.tsx';
import { describeModel } from './use-edit.ts';
import { VersionDetail } from './version-detail.tsx';
import { baselineOf, diffPath } from './version-figures.ts';
import { VersionTable } from './version-table.tsx';

export function ModelPage({ name }: { name: string }) {
  const model = useData(['models', 'get', name], (rpc, signal) => rpc.models.get({ name }, { signal }));
  const [importing, setImporting] = useState<{ file: File | null } | null>(null);
  return (
    <DropZone
      label={`Drop an .onnx file to import it as a version of ${name}`}
      onFile={(file) => setImporting({ file })}
    >
      <Page>
        <QueryState query={model} what={`The model ${name}`}>
          {({ model: registered, versions }) => (
            <Model model={registered} versions={versions} onImport={() => setImporting({ file: null })} />
          )}
        </QueryState>
      </Page>
      {importing ? (
        <ImportDialog file={importing.file} model={name} taken={[name]} onClose={() => setImporting(null)} />
      ) : null}
    </DropZone>
  );
}

type ModelProps = { model: RegisteredModel; versions: readonly ModelVersion[]; onImport: () => void };

function Model({ model, versions, onImport }: ModelProps) {
  const { query } = useLocation();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [serving, setServing] = useState<ModelVersion | null>(null);
  const baseline = baselineOf(model, versions);
  const shown = versions.find(({ version }) => version === query.version) ?? baseline;
  return (
    <>
      <PageHeader
        title={model.name}
        trail={[{ label: 'Models', to: '/models' }]}
        badge={
          <span className="inline-flex gap-1">
            {Object.entries(model.aliases).map(([alias, version]) => (
              <Badge key={alias} tone="accent">
                @{alias} v{version}
              </Badge>
            ))}
          </span>
        }
        subtitle={
          <EditableText
            value={model.description}
            label={`Description of ${model.name}`}
            placeholder="No description yet"
            maxLength={5_000}
            onSave={(text) => describeModel(model.name, model.description, text)}
          />
        }
        actions={
          <>
            <Button icon={Upload} onClick={onImport}>
              Import version
            </Button>
            {shown ? (
              <Button
                variant="primary"
                icon={Radio}
                disabled={shown.notServable !== null}
                title={shown.notServable ?? undefined}
                onClick={() => setServing(shown)}
              >
                Serve version {shown.version}
              </Button>
            ) : null}
            <ModelMenu model={model} shown={shown} />
          </>
        }
      />
      <div className="-mt-2 pb-3">
        <TagEditor model={model.name} version={null} tags={model.tags} />
      </div>
      <div className="flex flex-col gap-3">
        <Panel
          title="Versions"
          hint={
            baseline
              ? `${plural(versions.length, 'version')}; differences are to version ${baseline.version}`
              : plural(versions.length, 'version')
          }
          actions={
            <Button
              size="sm"
              icon={GitCompareArrows}
              disabled={selected.size !== 2}
              title={selected.size === 2 ? undefined : 'Tick two versions to compare them'}
              onClick={() => navigate(diffPath(model.name, selected))}
            >
              Compare two versions
            </Button>
          }
          padded={false}
        >
          <div className="overflow-x-auto">
            <VersionTable
              model={model}
              versions={versions}
              baseline={baseline}
              current={shown?.version ?? null}
              selected={selected}
              onSelect={setSelected}
            />
          </div>
        </Panel>
        <LineagePanel
          start={
            shown
              ? { kind: 'version', name: model.name, version: shown.version }
              : { kind: 'model', name: model.name }
          }
          none="Nothing is known about where this version came from or where it serves."
        />
        {shown ? <VersionDetail model={model} version={shown} /> : null}
      </div>
      {serving ? <ServeDialog version={serving} onClose={() => setServing(null)} /> : null}
    </>
  );
}
