import { describe, expect, it } from 'vitest';
import { metricsText } from './metrics.ts';
import { createStats } from './stats.ts';

const PROCESS = {
  cpuSeconds: 1.5,
  residentBytes: 1024,
  startSeconds: 1_700_000_000,
  loopDelay: { p50: 0, p99: 0.001 },
};

function measured() {
  const totals = createStats().totals('m@1');
  Object.assign(totals, { success: 3, inferences: 9, executions: 2, queueUs: 1_500.4 });
  totals.failures.REJECTED = 4;
  totals.refused.late = 3;
  for (const ms of [0.4, 3, 40]) totals.requestTimes.add(ms);
  totals.batches.set(1, { count: 1, inputUs: 1, inferUs: 1, outputUs: 1 });
  totals.batches.set(8, { count: 1, inputUs: 1, inferUs: 1, outputUs: 1 });
  return { model: 'a "b\\c\nd', version: '1', totals, queuedRows: 5, queuedRequests: 2 };
}

/** Samples by name and labels, from the text as Prometheus reads it. */
function parse(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const families = new Map<string, string>();
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line);
    if (type?.[1]) {
      expect(families.has(type[1])).toBe(false);
      families.set(type[1], type[2] ?? '');
    }
    if (line.startsWith('#')) continue;
    const sample = /^(\w+)(\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[\d.e+-]+)$/.exec(line);
    expect(sample, line).not.toBeNull();
    const family = sample?.[1]?.replace(/_(bucket|sum|count)$/, '') ?? '';
    expect(families.has(family) || families.has(sample?.[1] ?? ''), line).toBe(true);
    const key = `${sample?.[1]}${sample?.[2] ?? ''}`;
    expect(samples.has(key), key).toBe(false);
    samples.set(key, Number(sample?.[3]));
  }
  return samples;
}

describe('/metrics', () => {
  const own = 'model="a \\"b\\\\c\\nd",version="1"';

  it('is Prometheus text whatever a model is called', () => {
    const samples = parse(metricsText([measured()], PROCESS));
    expect(samples.get(`nv_inference_request_success{${own}}`)).toBe(3);
    expect(samples.get(`nv_inference_queue_duration_us{${own}}`)).toBe(1_500);
    expect(samples.get(`nv_inference_request_failure{${own},reason="REJECTED"}`)).toBe(4);
    expect(samples.get(`nv_inference_request_failure{${own},reason="OTHER"}`)).toBe(0);
    expect(samples.get(`lathe_queued_rows{${own}}`)).toBe(5);
    expect(samples.get(`nv_inference_pending_request_count{${own}}`)).toBe(2);
    const shed = ['queue_full', 'late', 'expired', 'unavailable'].map((reason) =>
      samples.get(`lathe_shed_total{${own},reason="${reason}"}`),
    );
    expect(shed).toEqual([0, 3, 0, 0]);
    expect(samples.get('process_cpu_seconds_total')).toBe(1.5);
  });
  it('has histograms that rise to their count', () => {
    const samples = parse(metricsText([measured()], PROCESS));
    for (const [name, count] of [
      ['lathe_request_seconds', 3],
      ['lathe_queue_seconds', 0],
      ['lathe_batch_rows', 2],
    ] as const) {
      const buckets = [...samples]
        .filter(([key]) => key.startsWith(`${name}_bucket`))
        .map(([, value]) => value);
      expect(buckets.length).toBeGreaterThan(10);
      expect(buckets).toEqual(buckets.toSorted((left, right) => left - right));
      expect([buckets.at(-1), samples.get(`${name}_count{${own}}`)]).toEqual([count, count]);
    }
    expect(samples.get(`lathe_request_seconds_bucket{${own},le="0.01"}`)).toBe(2);
    expect(samples.get(`lathe_request_seconds_sum{${own}}`)).toBeCloseTo(0.0434);
    expect(samples.get(`lathe_batch_rows_bucket{${own},le="4"}`)).toBe(1);
    expect(samples.get(`lathe_batch_rows_sum{${own}}`)).toBe(9);
  });
  it('is whole without any model', () => {
    expect(parse(metricsText([], PROCESS)).get('process_resident_memory_bytes')).toBe(1024);
  });
});
