/** The endpoint's health as one page that needs neither Lathe nor a network. */
import { FileDown } from 'lucide-react';
import { type MonitoringScope, seriesScope } from '../../lib/monitoring-scope.ts';
import { useAction } from '../../lib/query.ts';
import { saveBlob } from '../../lib/save.ts';
import { toast } from '../../lib/store.ts';
import { useMetric } from '../../lib/use-metric.ts';
import { Button } from '../../ui/Button.tsx';

export const saveHtml = ({ fileName, html }: { fileName: string; html: string }): void => {
  saveBlob(fileName, new Blob([html], { type: 'text/html' }));
  toast.ok(`${fileName} is saved`, 'It opens in any browser, without a network.');
};

/** Of what the bar above the tabs and the metric say. */
export function HealthExport({ scope }: { scope: MonitoringScope }) {
  const { metric } = useMetric(scope.endpoint);
  const save = useAction((rpc) => rpc.driftReports.healthHtml({ ...seriesScope(scope), metric }), {
    onDone: saveHtml,
  });
  return (
    <Button
      icon={FileDown}
      busy={save.isPending}
      disabled={scope.range === null}
      title="As chosen above: window size, time, arm and reference"
      onClick={() => save.mutate()}
    >
      Save health as HTML
    </Button>
  );
}
