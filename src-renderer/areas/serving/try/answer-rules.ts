/** An answer as it is shown: outputs by row, probabilities as bars, a refusal in the catalogue's words. Pure. */
import type { TryAnswer } from '../../../../src-main/contract/serving.ts';

type Cell = number | string | boolean | null;
export type AnswerOutput = {
  name: string;
  datatype: string;
  shape: number[];
  rows: number;
  /** Values of one row. */
  width: number;
  data: Cell[];
  /** Every row is a distribution over at least two classes. */
  probabilities: boolean;
};
export type ReadAnswer =
  | { kind: 'outputs'; arm: string; version: string; id: string; outputs: AnswerOutput[] }
  | { kind: 'refusal'; code: string; cause: string; remedy: string }
  /** Not what the protocol says; shown as it is. */
  | { kind: 'other' };

export function readAnswer({ status, body }: Pick<TryAnswer, 'status' | 'body'>): ReadAnswer {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return { kind: 'other' };
  }
  if (status !== 200) {
    const { code, cause, remedy, error } = json;
    const said = typeof cause === 'string' ? cause : typeof error === 'string' ? error : null;
    if (said === null) return { kind: 'other' };
    return {
      kind: 'refusal',
      code: typeof code === 'string' ? code : String(status),
      cause: said,
      remedy: typeof remedy === 'string' ? remedy : '',
    };
  }
  if (!Array.isArray(json.outputs)) return { kind: 'other' };
  const arm = (json.parameters as { lathe_arm?: unknown } | undefined)?.lathe_arm;
  return {
    kind: 'outputs',
    arm: typeof arm === 'string' ? arm : '',
    version: String(json.model_version ?? ''),
    id: String(json.id ?? ''),
    outputs: json.outputs.map(readOutput),
  };
}

function readOutput(raw: { name: string; datatype: string; shape: number[]; data?: Cell[] }): AnswerOutput {
  const { name, datatype, shape, data = [] } = raw;
  const rows = Math.max(1, shape[0] ?? 1);
  const width = Math.max(1, Math.floor(data.length / rows));
  const plain = { name, datatype, shape, rows, width, data };
  return { ...plain, probabilities: datatype.startsWith('FP') && areProbabilities(plain) };
}

/** Rows of at least two numbers from 0 to 1 that add up to 1, but for single precision's error. */
function areProbabilities({
  rows,
  width,
  data,
}: {
  rows: number;
  width: number;
  data: readonly Cell[];
}): boolean {
  if (width < 2 || data.length === 0) return false;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let at = row * width; at < (row + 1) * width; at++) {
      const value = data[at];
      if (typeof value !== 'number' || value < -1e-6 || value > 1 + 1e-6) return false;
      sum += value;
    }
    if (Math.abs(sum - 1) > 1e-3) return false;
  }
  return true;
}

export const rowOf = ({ data, width }: AnswerOutput, row: number): Cell[] =>
  data.slice(row * width, (row + 1) * width);

/** The likeliest classes of a row, most likely first. */
export function topClasses(output: AnswerOutput, row: number, most: number): { at: number; share: number }[] {
  return rowOf(output, row)
    .map((share, at) => ({ at, share: Number(share) }))
    .sort((a, b) => b.share - a.share)
    .slice(0, most);
}
