/** How each kind of thing in the trash is named and drawn. */
import { Box, Boxes, FileText, FlaskConical, type LucideIcon, Package, TestTubes } from 'lucide-react';
import type { TrashItem, TrashKind, TrashWeight } from '../../../src-main/contract/trash.ts';
import { formatBytes, plural } from '../../lib/format.ts';

export const KINDS: Record<TrashKind, { icon: LucideIcon; one: string; many: string }> = {
  experiment: { icon: TestTubes, one: 'experiment', many: 'Experiments' },
  run: { icon: FlaskConical, one: 'run', many: 'Runs' },
  model: { icon: Box, one: 'model', many: 'Models' },
  version: { icon: Boxes, one: 'model version', many: 'Versions' },
  'logged-model': { icon: Package, one: 'logged model', many: 'Logged models' },
  artifact: { icon: FileText, one: 'file', many: 'Files' },
};

export const keyOf = ({ kind, id }: Pick<TrashItem, 'kind' | 'id'>): string => `${kind} ${id}`;

/** What a thing holds, in words: "12 runs". */
export function contentOf({ kind, id, count }: Pick<TrashItem, 'kind' | 'id' | 'count'>): string {
  if (kind === 'experiment') return plural(count, 'run');
  if (kind === 'model') return plural(count, 'version');
  if (kind !== 'artifact') return '';
  // Ids of overwritten files begin so (engine/areas/trash/trash.sql.ts).
  return id.startsWith('o') ? 'overwritten' : plural(count, 'file');
}

/** What deleting for good frees, in a sentence. */
export function weightText({ fileBytes, rowBytes, sharedBytes }: TrashWeight): string {
  const back =
    fileBytes === 0
      ? `About ${formatBytes(rowBytes)} of the database come back.`
      : `${formatBytes(fileBytes)} of files and about ${formatBytes(rowBytes)} of the database come back.`;
  return sharedBytes === 0 ? back : `${back} ${formatBytes(sharedBytes)} are used elsewhere and stay.`;
}
