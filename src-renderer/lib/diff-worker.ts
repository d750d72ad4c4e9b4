/** Compares long texts beside the thread that draws. */
import { diffLines, linesOf, type Run } from './text-diff.ts';

export type DiffQuestion = { left: string; right: string };
export type DiffAnswer = Run[] | null;

self.onmessage = ({ data }: MessageEvent<DiffQuestion>) => {
  self.postMessage(diffLines(linesOf(data.left), linesOf(data.right)) satisfies DiffAnswer);
};
