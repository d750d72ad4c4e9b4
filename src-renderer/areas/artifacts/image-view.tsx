/** An image of a run. Only ever in an <img>, from a data: URL: an SVG runs no script there and fetches nothing. */
import { useState } from 'react';
import type { ArtifactContent } from '../../../src-main/contract/artifacts.ts';

export function ImageView({ file, name }: { file: ArtifactContent; name: string }) {
  const [failed, setFailed] = useState(false);
  if (failed) return <p className="p-3 text-ink-2">These bytes are no image that can be drawn.</p>;
  return (
    <div className="flex h-full min-h-0 items-center justify-center overflow-auto bg-inset p-3">
      <img
        src={`data:${file.type};base64,${file.content}`}
        alt={name}
        onError={() => setFailed(true)}
        className="max-h-full max-w-full rounded-xs bg-white object-contain"
      />
    </div>
  );
}
