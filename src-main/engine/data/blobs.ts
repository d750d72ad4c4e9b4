/** Content-addressed files: blobs/ab/<sha256>, written to a temporary name, fsynced, renamed. */
export type Blobs = {
  /** Stores the bytes and returns their identity; storing the same bytes twice keeps one file. */
  put(source: AsyncIterable<Uint8Array> | Uint8Array): Promise<{ sha256: string; size: number }>;
  /** Adopts a finished temporary file on the same disk by renaming it. */
  adopt(temporaryFile: string): Promise<{ sha256: string; size: number }>;
  /** Absolute path of a stored blob; throws LATHE_NOT_FOUND when it is not here. */
  path(sha256: string): string;
  has(sha256: string): boolean;
};
