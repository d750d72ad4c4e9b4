/** In the analysis process: scores and labels of a reference's raw rows, for the quality on the reference and for CBPE. */
import type { AnalysisJob } from '../../analysis/index.ts';
import { literal } from '../../analysis/sql.ts';

export type LabelledInput = { do: 'labelled'; file: string };

/** Of binary models; `truths`: 1 is positive. */
export type LabelledScores = { scores: Float64Array; truths: Uint8Array };

/** More rows calibrate no better, and are sent to a thread each time they are used. */
const MOST_ROWS = 50_000;

/** The body is the scores (doubles, little-endian) and then the truths (bytes); it is empty without rows that have both. */
export const readLabelled: AnalysisJob<LabelledInput, { rows: number }> = async ({ file }, tools) => {
  const duck = await tools.duck({ files: [file], temporary: tools.temporary });
  const source = `read_parquet(${literal(file)})`;
  const names = (await duck.rows(`DESCRIBE SELECT * FROM ${source}`)).map(([name]) => name);
  if (!names.includes('$score') || !names.includes('$label')) return { result: { rows: 0 } };
  // Which texts are the two classes is as in monitoring (asBinary).
  await duck.run(
    `CREATE TABLE labelled AS SELECT score, truth FROM (
       SELECT "$score" AS score, CASE WHEN text IN ('1', 'true', '1.0') THEN 1.0 WHEN text IN ('0', 'false', '0.0') THEN 0.0 END AS truth
       FROM (SELECT "$score", lower(trim("$label")) AS text FROM ${source}))
     WHERE truth IS NOT NULL AND score BETWEEN 0 AND 1 USING SAMPLE reservoir(${MOST_ROWS} ROWS) REPEATABLE (1)`,
  );
  const scores = await duck.numbers('SELECT score FROM labelled', [], MOST_ROWS);
  const truths = Uint8Array.from(await duck.numbers('SELECT truth::DOUBLE FROM labelled', [], MOST_ROWS));
  const rows = scores.length;
  const body = new Uint8Array(9 * rows);
  body.set(new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength));
  body.set(truths, 8 * rows);
  return { result: { rows }, body };
};

/** What `readLabelled` sent; null without rows. */
export function labelledOf(body: Buffer): LabelledScores | null {
  const rows = body.length / 9;
  if (rows === 0) return null;
  // A copy: where the body lies in its frame, no array of doubles can begin.
  const bytes = Uint8Array.from(body);
  return { scores: new Float64Array(bytes.buffer, 0, rows), truths: bytes.subarray(8 * rows) };
}
