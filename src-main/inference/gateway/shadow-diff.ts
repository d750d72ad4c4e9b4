/** How a shadow's outputs differ from what the client got, summed up over all compared rows. Pure, and of fixed size. */
import type { Datatype } from '../../contract/common.ts';
import type { ShadowExample, ShadowOutput } from '../../contract/serving-route.ts';

/** One output of one request, its values alone. */
export type KeptOutput = {
  name: string;
  datatype: Datatype;
  values: ArrayLike<number | bigint | string>;
};

export type Compared = Pick<ShadowExample, 'requestId' | 'atMs' | 'arm' | 'version'> & { rows: number };

export type ShadowDiff = {
  add(of: Compared, primary: readonly KeptOutput[], shadow: readonly KeptOutput[]): void;
  outputs(): ShadowOutput[];
  /** The rows that differ the most, per output, largest difference first. */
  examples(): ShadowExample[];
};

type Sums = {
  label: boolean;
  rows: number;
  mismatched: number;
  /** Rows of several values, or of labels, and those among them that agree. */
  choices: number;
  agreed: number;
  values: number;
  sumAbs: number;
  maxAbs: number;
  maxRel: number;
  /** Rows that are probabilities on both sides. */
  klRows: number;
  sumKl: number;
  examples: ShadowExample[];
};

const EXAMPLES = 5;
const SHOWN = 16;
/** A relative error of something smaller than this says nothing. */
const SMALLEST = 1e-6;
const SUM_TOLERANCE = 1e-3;
/** The shadow may give 0 to what the primary thinks possible; its logarithm must stay finite. */
const LEAST_PROBABILITY = 1e-12;

const HALF: readonly Datatype[] = ['FP16', 'BF16'];
const isFloat = (datatype: Datatype): boolean => datatype === 'FP32' || datatype === 'FP64';

export function createShadowDiff(): ShadowDiff {
  const sums = new Map<string, Sums>();
  return {
    add(of, primary, shadow) {
      for (const output of primary) {
        const other = shadow.find(({ name }) => name === output.name);
        if (!other || HALF.includes(output.datatype)) continue;
        let entry = sums.get(output.name);
        if (!entry) {
          entry = emptySums(!isFloat(output.datatype));
          sums.set(output.name, entry);
        }
        addOutput(entry, of, output, other);
      }
    },
    outputs: () => [...sums].map(([name, entry]) => summary(name, entry)),
    examples: () => [...sums.values()].flatMap(({ examples }) => examples),
  };
}

const emptySums = (label: boolean): Sums => ({
  ...{ label, rows: 0, mismatched: 0, choices: 0, agreed: 0 },
  ...{ values: 0, sumAbs: 0, maxAbs: 0, maxRel: 0, klRows: 0, sumKl: 0, examples: [] },
});

function addOutput(sums: Sums, of: Compared, primary: KeptOutput, shadow: KeptOutput): void {
  const width = primary.values.length / of.rows;
  const same = primary.datatype === shadow.datatype && primary.values.length === shadow.values.length;
  if (!same || !Number.isInteger(width)) {
    sums.mismatched += of.rows;
    return;
  }
  for (let row = 0; row < of.rows; row++) {
    const from = row * width;
    const difference = sums.label
      ? addLabels(sums, primary, shadow, from, width)
      : addNumbers(sums, primary, shadow, from, width);
    if (difference === null) sums.mismatched += 1;
    else {
      sums.rows += 1;
      if (difference > 0) keepExample(sums.examples, { of, row, from, width, primary, shadow, difference });
    }
  }
}

function addLabels(sums: Sums, primary: KeptOutput, shadow: KeptOutput, from: number, width: number): number {
  sums.choices += 1;
  for (let at = from; at < from + width; at++) if (primary.values[at] !== shadow.values[at]) return 1;
  sums.agreed += 1;
  return 0;
}

/** The row's largest absolute difference; null when one side is no number where the other is one. */
function addNumbers(
  sums: Sums,
  primary: KeptOutput,
  shadow: KeptOutput,
  from: number,
  width: number,
): number | null {
  let largest = 0;
  let best = from;
  let otherBest = from;
  let total = 0;
  let otherTotal = 0;
  let kl = 0;
  let isDistribution = width > 1;
  for (let at = from; at < from + width; at++) {
    const [p, q] = [Number(primary.values[at]), Number(shadow.values[at])];
    if (Number.isFinite(p) !== Number.isFinite(q)) return null;
    if (p > Number(primary.values[best])) best = at;
    if (q > Number(shadow.values[otherBest])) otherBest = at;
    largest = Math.max(largest, Number.isFinite(p) ? Math.abs(q - p) : +!Object.is(p, q));
    total += p;
    otherTotal += q;
    if (p < 0 || q < 0) isDistribution = false;
    else if (p > 0) kl += p * Math.log(p / Math.max(q, LEAST_PROBABILITY));
  }
  for (let at = from; at < from + width; at++) {
    const [p, q] = [Number(primary.values[at]), Number(shadow.values[at])];
    if (!Number.isFinite(p)) continue;
    const absolute = Math.abs(q - p);
    sums.values += 1;
    sums.sumAbs += absolute;
    sums.maxAbs = Math.max(sums.maxAbs, absolute);
    sums.maxRel = Math.max(sums.maxRel, absolute / Math.max(Math.abs(p), SMALLEST));
  }
  if (width > 1) {
    sums.choices += 1;
    if (best === otherBest) sums.agreed += 1;
  }
  if (isDistribution && Math.abs(total - 1) < SUM_TOLERANCE && Math.abs(otherTotal - 1) < SUM_TOLERANCE) {
    sums.klRows += 1;
    sums.sumKl += Math.max(0, kl);
  }
  return largest;
}

type Found = {
  of: Compared;
  row: number;
  from: number;
  width: number;
  primary: KeptOutput;
  shadow: KeptOutput;
  difference: number;
};

function keepExample(examples: ShadowExample[], found: Found): void {
  const { of, row, from, width, difference } = found;
  const least = examples.at(-1);
  if (least && examples.length >= EXAMPLES && difference <= least.difference) return;
  const shown = ({ values }: KeptOutput) =>
    Array.from({ length: Math.min(width, SHOWN) }, (_, at) => plain(values[from + at]));
  const { rows: _rows, ...who } = of;
  const [primary, shadow] = [shown(found.primary), shown(found.shadow)];
  examples.push({ ...who, row, output: found.primary.name, primary, shadow, difference });
  examples.sort((left, right) => right.difference - left.difference);
  if (examples.length > EXAMPLES) examples.pop();
}

const plain = (value: number | bigint | string | undefined): number | string =>
  typeof value === 'number' && Number.isFinite(value) ? value : String(value);

function summary(name: string, sums: Sums): ShadowOutput {
  const { label, rows, mismatched, choices, agreed, values, klRows } = sums;
  const numeric = !label && values > 0;
  return {
    name,
    kind: label ? 'label' : rows > 0 && klRows === rows ? 'probabilities' : 'number',
    rows,
    mismatched,
    agreement: choices > 0 ? agreed / choices : null,
    maxAbs: numeric ? sums.maxAbs : null,
    meanAbs: numeric ? sums.sumAbs / values : null,
    maxRel: numeric ? sums.maxRel : null,
    meanKl: klRows > 0 ? sums.sumKl / klRows : null,
  };
}
