/**
 * Prometheus text (exposition format 0.0.4): Triton's names, so that its dashboards work, and histograms under
 * our own. Written out by hand: the figures are kept where the work is done, and a client library would keep
 * them a second time and hash their labels on every request.
 */
import type { Histogram } from '../../platform/histogram.ts';
import type { Refusal } from '../../platform/link.ts';
import type { FailureReason, VersionTotals } from './stats.ts';

/** The figures of one model version. */
export type MeasuredVersion = {
  model: string;
  version: string;
  totals: VersionTotals;
  queuedRows: number;
  queuedRequests: number;
};

/** The gateway process itself. Times in seconds, memory in bytes. */
export type ProcessFigures = {
  cpuSeconds: number;
  residentBytes: number;
  startSeconds: number;
  /** How late the event loop was in the last second. */
  loopDelay: { p50: number; p99: number };
};

const REASONS: readonly FailureReason[] = ['REJECTED', 'CANCELED', 'BACKEND', 'OTHER'];
const REFUSALS: readonly [label: string, refusal: Refusal][] = [
  ['queue_full', 'queueFull'],
  ['late', 'late'],
  ['expired', 'expired'],
  ['unavailable', 'unavailable'],
];
const COUNTERS: readonly [name: string, help: string, read: (totals: VersionTotals) => number][] = [
  ['nv_inference_request_success', 'Requests answered', (totals) => totals.success],
  ['nv_inference_count', 'Rows inferred', (totals) => totals.inferences],
  ['nv_inference_exec_count', 'Batches executed', (totals) => totals.executions],
  ['nv_inference_request_duration_us', microseconds('From arrival to answer'), (totals) => totals.successUs],
  ['nv_inference_queue_duration_us', microseconds('Waiting'), (totals) => totals.queueUs],
  [
    'nv_inference_compute_input_duration_us',
    microseconds('Assembling batches'),
    (totals) => totals.computeInputUs,
  ],
  ['nv_inference_compute_infer_duration_us', microseconds('In the model'), (totals) => totals.computeUs],
  [
    'nv_inference_compute_output_duration_us',
    microseconds('Cutting results apart'),
    (totals) => totals.computeOutputUs,
  ],
];

/** From a tenth of a tabular model's answer to the default time limit. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;
const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const;

export function metricsText(versions: readonly MeasuredVersion[], process: ProcessFigures): string {
  const lines: string[] = [];
  const family = (name: string, type: 'counter' | 'gauge' | 'histogram' | 'summary', help: string) =>
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);

  for (const [name, help, read] of COUNTERS) {
    family(name, 'counter', help);
    for (const one of versions) lines.push(`${name}{${labels(one)}} ${Math.round(read(one.totals))}`);
  }
  family('nv_inference_request_failure', 'counter', 'Requests that failed, by reason');
  for (const one of versions)
    for (const reason of REASONS)
      lines.push(
        `nv_inference_request_failure{${labels(one)},reason="${reason}"} ${one.totals.failures[reason]}`,
      );
  family(
    'nv_inference_pending_request_count',
    'gauge',
    'Requests that wait for the device now, none of whose rows run yet',
  );
  for (const one of versions)
    lines.push(`nv_inference_pending_request_count{${labels(one)}} ${one.queuedRequests}`);
  family('lathe_shed_total', 'counter', 'Requests refused instead of queued without end, by reason');
  for (const one of versions)
    for (const [label, refusal] of REFUSALS)
      lines.push(`lathe_shed_total{${labels(one)},reason="${label}"} ${one.totals.refused[refusal]}`);
  family('lathe_queued_rows', 'gauge', 'Rows that wait for the device now');
  for (const one of versions) lines.push(`lathe_queued_rows{${labels(one)}} ${one.queuedRows}`);

  family('lathe_request_seconds', 'histogram', 'From arrival to answer');
  for (const one of versions)
    lines.push(...durations('lathe_request_seconds', labels(one), one.totals.requestTimes));
  family('lathe_queue_seconds', 'histogram', 'Waiting for the batch to begin');
  for (const one of versions)
    lines.push(...durations('lathe_queue_seconds', labels(one), one.totals.queueTimes));
  family('lathe_batch_rows', 'histogram', 'Rows in a batch');
  for (const one of versions) lines.push(...batchRows('lathe_batch_rows', labels(one), one.totals));

  family('process_cpu_seconds_total', 'counter', 'CPU time of the gateway');
  lines.push(`process_cpu_seconds_total ${process.cpuSeconds}`);
  family('process_resident_memory_bytes', 'gauge', 'Memory of the gateway');
  lines.push(`process_resident_memory_bytes ${process.residentBytes}`);
  family('process_start_time_seconds', 'gauge', 'When the gateway started, since 1970');
  lines.push(`process_start_time_seconds ${process.startSeconds}`);
  family(
    'lathe_event_loop_delay_seconds',
    'gauge',
    'How late the gateway’s event loop was in the last second',
  );
  const { p50, p99 } = process.loopDelay;
  for (const [quantile, value] of [
    ['0.5', p50],
    ['0.99', p99],
  ] as const)
    lines.push(`lathe_event_loop_delay_seconds{quantile="${quantile}"} ${value}`);
  return `${lines.join('\n')}\n`;
}

function durations(name: string, own: string, times: Histogram): string[] {
  const counts = times.cumulative(SECONDS.map((bound) => bound * 1000));
  return [
    ...SECONDS.map((bound, at) => `${name}_bucket{${own},le="${bound}"} ${counts[at]}`),
    `${name}_bucket{${own},le="+Inf"} ${times.count()}`,
    `${name}_sum{${own}} ${times.sumMs() / 1000}`,
    `${name}_count{${own}} ${times.count()}`,
  ];
}

function batchRows(name: string, own: string, totals: VersionTotals): string[] {
  const sizes = [...totals.batches];
  const upTo = (bound: number) =>
    sizes.reduce((sum, [rows, { count }]) => sum + (rows <= bound ? count : 0), 0);
  const all = upTo(Number.POSITIVE_INFINITY);
  return [
    ...ROWS.map((bound) => `${name}_bucket{${own},le="${bound}"} ${upTo(bound)}`),
    `${name}_bucket{${own},le="+Inf"} ${all}`,
    `${name}_sum{${own}} ${sizes.reduce((sum, [rows, { count }]) => sum + rows * count, 0)}`,
    `${name}_count{${own}} ${all}`,
  ];
}

function microseconds(what: string): string {
  return `${what}, summed over requests, in microseconds`;
}

/** A registered model's name may hold any text. */
const labels = ({ model, version }: MeasuredVersion): string =>
  `model="${model.replace(/["\\\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`))}",version="${version}"`;
