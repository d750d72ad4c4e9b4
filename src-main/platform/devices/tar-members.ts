/**
 * Reads a tar stream, as npm packs it, member by member, without ever holding more than a piece of it. Only plain
 * files are told of; a name longer than 100 characters (pax, GNU) does not occur among what is looked for.
 */
const BLOCK = 512;

/** Called for each file; what it returns takes the pieces, or null leaves the file out. */
export type OpenMember = (name: string, bytes: number) => ((piece: Buffer) => void) | null;

/** Feeds pieces of any size; throws what `open` and the takers throw, and on what is no tar. */
export function tarReader(open: OpenMember): (chunk: Buffer) => void {
  let header: Buffer[] = [];
  let headerBytes = 0;
  let left = 0;
  let padding = 0;
  let take: ((piece: Buffer) => void) | null = null;

  const begin = (block: Buffer) => {
    // Two blank blocks are the end; more may follow to fill a record.
    if (block.every((byte) => byte === 0)) return;
    if (!isHeader(block)) throw new Error('it is not a tar archive');
    const bytes = Number.parseInt(textAt(block, 124, 12), 8) || 0;
    const prefix = textAt(block, 345, 155);
    const name = `${prefix ? `${prefix}/` : ''}${textAt(block, 0, 100)}`;
    const isFile = block[156] === 0 || block[156] === '0'.charCodeAt(0);
    left = bytes;
    padding = (BLOCK - (bytes % BLOCK)) % BLOCK;
    take = isFile ? open(name, bytes) : null;
  };

  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (left > 0) {
        const piece = chunk.subarray(at, at + left);
        take?.(piece);
        left -= piece.length;
        at += piece.length;
      } else if (padding > 0) {
        const skipped = Math.min(padding, chunk.length - at);
        padding -= skipped;
        at += skipped;
      } else {
        const part = chunk.subarray(at, at + BLOCK - headerBytes);
        header.push(part);
        headerBytes += part.length;
        at += part.length;
        if (headerBytes < BLOCK) return;
        const block = Buffer.concat(header);
        header = [];
        headerBytes = 0;
        begin(block);
      }
    }
  };
}

const textAt = (block: Buffer, at: number, length: number): string => {
  const end = block.indexOf(0, at);
  return block.toString('latin1', at, Math.min(end < 0 ? at + length : end, at + length)).trim();
};

/** The sum of all bytes, the sum's own field read as blanks. */
function isHeader(block: Buffer): boolean {
  let sum = 0;
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] as number);
  return Number.parseInt(textAt(block, 148, 8), 8) === sum;
}
