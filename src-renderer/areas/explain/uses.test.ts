/** Every method of the catalogue explains a number somewhere on the screens. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ExactMethod } from '../../../src-main/contract/drift-reports.ts';
import { MONITORING_METHODS } from '../../../src-main/contract/monitoring-methods.ts';
import {
  EstimatedMetric,
  FrozenMethod,
  PerformanceMetric,
  QualityMeasure,
} from '../../../src-main/contract/monitoring-series.ts';

const AREAS = fileURLToPath(new URL('..', import.meta.url));

/** What stands for the method where a screen explains a number: `"mean"`, `{row.method}`, `` {`quality.${measure}`} ``. */
const uses = new Set<string>();
for (const file of readdirSync(AREAS, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.tsx')) continue;
  const text = readFileSync(join(AREAS, file), 'utf8');
  for (const [, props = ''] of text.matchAll(/<Explain\s([\s\S]*?)>/g))
    for (const [, use = ''] of props.matchAll(
      /(?:^|\s)(?:method=("[^"]+"|\{[^}]*\}`?\}?)|\{\.\.\.([\w.]+)\})/g,
    ))
      uses.add(use.replace(/^\{|\}$/g, ''));
  if (/\{\.\.\.(?:latest|score|chosen\.score)\}/.test(text)) uses.add('a frozen score');
  if (/methodOfSeries\(/.test(text)) uses.add('a series');
}

/** Where a screen names no method itself, but hands on the one that its number carries. */
const CARRIED: Readonly<Record<string, readonly string[]>> = {
  'a frozen score': FrozenMethod.options,
  'row.method': ExactMethod.options,
  '`quality.${measure}`': QualityMeasure.options.map((one) => `quality.${one}`),
  '`performance.${metric}`': PerformanceMetric.options.map((one) => `performance.${one}`),
  '`estimated.${metric}`': EstimatedMetric.options.map((one) => `estimated.${one}`),
  // Lanes of the health page: these series are drawn there.
  'a series': ['drifted-share', 'mean', 'volume', 'business'],
};

test('no method of the catalogue is without a number that it explains', () => {
  const explained = new Set(
    [...uses].flatMap((use) => CARRIED[use] ?? (use.startsWith('"') ? [use.slice(1, -1)] : [])),
  );
  expect(Object.keys(MONITORING_METHODS).filter((id) => !explained.has(id))).toEqual([]);
});
