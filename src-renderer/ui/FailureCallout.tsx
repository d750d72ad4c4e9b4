import type { ReactNode } from 'react';
import type { ShownReport } from '../lib/errors.ts';
import { Callout } from './Callout.tsx';

export type FailureCalloutProps = {
  /** What went wrong; nothing shows without one. */
  report: Pick<ShownReport, 'code' | 'cause' | 'remedy'> | null | undefined;
  /** Whose failure it is, where there are several: "champion", "v3". */
  of?: string;
  tone?: 'bad' | 'warn';
  actions?: ReactNode;
};

/** A failure in the flow of a form or a view: cause, then remedy, then code. */
export function FailureCallout({ report, of, tone = 'bad', actions }: FailureCalloutProps) {
  if (!report) return null;
  return (
    <Callout tone={tone} title={of ? `${of}: ${report.cause}` : report.cause} actions={actions}>
      {report.remedy} <code className="text-ink-3">{report.code}</code>
    </Callout>
  );
}
