import type { DatasetRow } from '../../../src-main/contract/datasets.ts';
import { NONE } from '../../lib/format.ts';
import { Badge } from '../../ui/Badge.tsx';

/** How surely two datasets can be told apart: by all of their content, or by a digest of the first rows. */
export function Identity({ dataset }: { dataset: Pick<DatasetRow, 'sha256' | 'digest'> }) {
  const { sha256, digest } = dataset;
  if (sha256 !== null)
    return (
      <span className="inline-flex items-center gap-1.5 align-middle">
        <code title={sha256}>{sha256.slice(0, 12)}</code>
        <Badge tone="ok">whole content</Badge>
      </span>
    );
  if (digest === '') return <span className="text-ink-3">{NONE}</span>;
  return (
    <span className="inline-flex items-center gap-1.5 align-middle">
      <code title={digest}>{digest.slice(0, 12)}</code>
      <Badge>first rows</Badge>
    </span>
  );
}
