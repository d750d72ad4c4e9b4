/** Writes docs/monitoring-methods.md from the catalogue of methods; `--check` fails when the page is not what it would write. */
import { MONITORING_METHODS } from '../src-main/contract/monitoring-methods.ts';
import { writeOrCheck } from './lib/made-page.mjs';

/** @type {[string, (id: string) => boolean][]} */
const GROUPS = [
  ['Drift against the frozen reference, by window', (id) => id.startsWith('lathe.')],
  ['Drift of raw rows, in reports', (id) => id.startsWith('evidently.') || id === 'dataset-drift'],
  ['Quality with labels', (id) => id.startsWith('performance.') || id === 'positive-rate'],
  ['Performance without labels', (id) => id.startsWith('estimated.')],
  ['Data quality and volume', (id) => /^(?:quality\..*|mean|volume|drifted-share)$/.test(id)],
  ['Business metrics and relations', (id) => id === 'business' || id === 'ranking' || id === 'correlation'],
];

const plain = (/** @type {string} */ text) => text.replaceAll('<', '&lt;').replaceAll('|', '\\|');

/** @param {[string, import('../src-main/contract/monitoring-methods.ts').MethodExplanation]} entry */
function section([id, { title, formula, over, threshold, limits, source }]) {
  const lines = [
    `**Formula.** ${plain(formula)}`,
    `**Over.** ${plain(over)}`,
    `**Threshold.** ${plain(threshold)}`,
    ...(limits.length > 0 ? [`**Limits.** ${limits.map(plain).join(' ')}`] : []),
    `**Source.** ${plain(source)}`,
  ];
  return `### ${title} (\`${id}\`)\n\n${lines.join('\n\n')}`;
}

const entries = Object.entries(MONITORING_METHODS);
const groups = GROUPS.map(
  ([title, belongs]) =>
    `## ${title}\n\n${entries
      .filter(([id]) => belongs(id))
      .map(section)
      .join('\n\n')}`,
);

writeOrCheck(
  import.meta.url,
  'monitoring-methods.md',
  `# Methods of monitoring

What stands behind every number that monitoring shows; the same text is behind "Explain this number" on the screen. Made from
\`src-main/contract/monitoring-methods.ts\` by \`node scripts/monitoring-methods-doc.mjs\`.

${groups.join('\n\n')}
`,
);
