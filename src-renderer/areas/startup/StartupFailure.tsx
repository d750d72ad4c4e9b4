import { CircleAlert, ClipboardCopy, FolderOpen, FolderPlus, RotateCw } from 'lucide-react';
import { useState } from 'react';
import type { ErrorReport } from '../../../src-main/contract/errors.ts';
import { reportAsText } from '../../lib/errors.ts';
import { tellHost } from '../../lib/host.ts';
import { Button } from '../../ui/Button.tsx';
import { CodeBlock, copyText } from '../../ui/CodeBlock.tsx';
import { StartupFrame } from './StartupFrame.tsx';

type Props = { report: ErrorReport; workspace: string; onRetry(): void };

/** One headline per reason; the cause and the remedy come from the catalogue. */
const TITLES: Partial<Record<ErrorReport['code'], string>> = {
  LATHE_WORKSPACE_LOCKED: 'This workspace is already open',
  LATHE_WORKSPACE_NEWER: 'This workspace needs a newer Lathe',
  LATHE_WORKSPACE_CORRUPT: 'This workspace cannot be read',
  LATHE_WORKSPACE_FOREIGN: 'This is not a Lathe workspace',
  LATHE_WORKSPACE_READONLY: 'This workspace cannot be written to',
  LATHE_WORKSPACE_DISK_FULL: 'The disk is full',
  LATHE_WORKSPACE_MIGRATION: 'This workspace could not be updated',
  LATHE_ENGINE_UNAVAILABLE: 'The engine does not start',
};

export function StartupFailure({ report, workspace, onRetry }: Props) {
  const [copied, setCopied] = useState(false);
  const retry = () => {
    onRetry();
    tellHost({ lathe: 'retry-start' });
  };
  return (
    <StartupFrame title={TITLES[report.code] ?? 'Lathe could not open the workspace'}>
      <div role="alert" className="flex gap-3 rounded-md border border-line bg-surface p-4">
        <CircleAlert size={18} aria-hidden="true" className="mt-0.5 shrink-0 text-bad" />
        <div className="min-w-0">
          <p className="break-words">{report.cause}</p>
          <p className="mt-2 break-words text-ink-2">{report.remedy}</p>
          <code className="mt-2 block text-ink-3">{report.code}</code>
        </div>
      </div>
      <dl className="mt-4">
        <dt className="text-xs text-ink-3">Workspace</dt>
        <dd className="font-mono text-xs break-all">{workspace}</dd>
      </dl>
      <div className="mt-5 flex flex-wrap gap-2">
        <Button variant="primary" icon={RotateCw} onClick={retry}>
          Try again
        </Button>
        <Button icon={FolderOpen} onClick={() => tellHost({ lathe: 'choose-workspace', mode: 'open' })}>
          Open another
        </Button>
        <Button icon={FolderPlus} onClick={() => tellHost({ lathe: 'choose-workspace', mode: 'create' })}>
          Create new
        </Button>
        <Button
          variant="ghost"
          icon={ClipboardCopy}
          onClick={async () =>
            setCopied(await copyText(`${reportAsText(report)}\n  workspace: ${workspace}`))
          }
        >
          {copied ? 'Details copied' : 'Copy details'}
        </Button>
      </div>
      <Details report={report} />
    </StartupFrame>
  );
}

function Details({ report }: { report: ErrorReport }) {
  return (
    <details className="mt-5">
      <summary className="w-fit rounded-xs text-ink-2 hover:text-ink">Technical details</summary>
      <div className="mt-2">
        <CodeBlock code={reportAsText(report)} label="Technical details" wrap />
      </div>
    </details>
  );
}
