/** Prometheus text (exposition format 0.0.4) under Triton's metric names, so that its dashboards work. */
import type { Stats, VersionTotals } from './stats.ts';

const METRICS: [name: string, help: string, read: (totals: VersionTotals) => number][] = [
  ['nv_inference_request_success', 'Requests answered', (totals) => totals.success],
  ['nv_inference_request_failure', 'Requests that failed', (totals) => totals.failure],
  ['nv_inference_count', 'Rows inferred', (totals) => totals.inferences],
  ['nv_inference_exec_count', 'Batches executed', (totals) => totals.executions],
  [
    'nv_inference_queue_duration_us',
    'Time requests waited, summed over requests, in microseconds',
    (totals) => Math.round(totals.queueUs),
  ],
  [
    'nv_inference_compute_infer_duration_us',
    'Time in the model, summed over requests, in microseconds',
    (totals) => Math.round(totals.computeUs),
  ],
];

export function metricsText(stats: Stats, queuedRows: Readonly<Record<string, number>>): string {
  const lines: string[] = [];
  for (const [name, help, read] of METRICS) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`);
    for (const [key, totals] of stats.allTotals()) lines.push(`${name}${labels(key)} ${read(totals)}`);
  }
  lines.push('# HELP lathe_queued_rows Rows that wait for the device now', '# TYPE lathe_queued_rows gauge');
  for (const key of stats.allTotals().keys())
    lines.push(`lathe_queued_rows${labels(key)} ${queuedRows[key] ?? 0}`);
  return `${lines.join('\n')}\n`;
}

/** Names hold no character that a label value would have to escape (contract/common.ts Name). */
function labels(key: string): string {
  const [model = key, version = ''] = key.split('@');
  return `{model="${model}",version="${version}"}`;
}
