import { CircleAlert, ClipboardCopy, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { reportAsText, type ShownReport } from '../lib/errors.ts';
import { toast } from '../lib/store.ts';
import { Button } from './Button.tsx';
import { copyText } from './CodeBlock.tsx';

export type ErrorStateProps = {
  report: ShownReport;
  /** What could not be done: "The models could not be loaded". */
  title?: string;
  onRetry?: () => void;
  actions?: ReactNode;
};

/** A failure in the place where its result would be: code, cause, remedy, and what one can do. */
export function ErrorState({ report, title, onRetry, actions }: ErrorStateProps) {
  return (
    <div role="alert" className="mx-auto flex max-w-xl gap-3 px-6 py-8">
      <CircleAlert size={18} aria-hidden="true" className="mt-0.5 shrink-0 text-bad" />
      <div className="min-w-0">
        <p className="text-md font-semibold break-words">{title ?? report.cause}</p>
        {title && <p className="mt-1 break-words">{report.cause}</p>}
        <p className="mt-1 break-words text-ink-2">{report.remedy}</p>
        <code className="mt-2 block text-ink-3">{report.code}</code>
        <div className="mt-4 flex flex-wrap gap-2">
          {onRetry && (
            <Button icon={RotateCw} onClick={onRetry}>
              Try again
            </Button>
          )}
          <CopyDetails report={report} />
          {actions}
        </div>
      </div>
    </div>
  );
}

function CopyDetails({ report }: { report: ShownReport }) {
  const copy = async () => {
    if (await copyText(reportAsText(report))) toast.ok('Details copied');
  };
  return (
    <Button variant="ghost" icon={ClipboardCopy} onClick={copy}>
      Copy details
    </Button>
  );
}
