/** The endpoint's health as one page that needs neither Lathe nor a network. */
import { FileDown } from 'lucide-react';
import type { TimeRange } from '../../lib/monitoring-scope.ts';
import { useAction } from '../../lib/query.ts';
import { saveBlob } from '../../lib/save.ts';
import { toast } from '../../lib/store.ts';
import { Button } from '../../ui/Button.tsx';

export const saveHtml = ({ fileName, html }: { fileName: string; html: string }): void => {
  saveBlob(fileName, new Blob([html], { type: 'text/html' }));
  toast.ok(`${fileName} is saved`, 'It opens in any browser, without a network.');
};

export function HealthExport({ endpoint, range }: { endpoint: string; range: TimeRange | null }) {
  const save = useAction((rpc) => rpc.driftReports.healthHtml({ endpoint, ...(range ?? {}) }), {
    onDone: saveHtml,
  });
  return (
    <Button icon={FileDown} busy={save.isPending} disabled={range === null} onClick={() => save.mutate()}>
      Save health as HTML
    </Button>
  );
}
