/** Moments in a native date and time field, in UTC. Pure. */

/** `2013-03-15T08:30` */
export const msToField = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

/** Null while it is not complete. */
export function fieldToMs(text: string): number | null {
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text)
    ? Date.parse(`${text}Z`)
    : Number.NaN;
  return Number.isFinite(ms) && ms >= 0 ? ms : null;
}
