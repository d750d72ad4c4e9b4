/** What is in sight while one scrolls, without all that only flies past. */
import { useEffect, useRef, useState } from 'react';

const STILL_MS = 60;

/**
 * The same list as long as some of the former one is in it. After a jump (the scroll bar is dragged) it is the new one
 * once that has stayed for a moment: rows that nobody can read are neither fetched nor filled.
 */
export function useSettled(ids: readonly string[]): readonly string[] {
  const [settled, setSettled] = useState(ids);
  const known = useRef<{ ids: readonly string[]; members: ReadonlySet<string> }>(null);
  if (known.current?.ids !== settled) known.current = { ids: settled, members: new Set(settled) };
  const near = settled.length === 0 || ids.some((id) => known.current?.members.has(id));
  useEffect(() => {
    if (near) {
      setSettled(ids);
      return;
    }
    const timer = setTimeout(() => setSettled(ids), STILL_MS);
    return () => clearTimeout(timer);
  }, [ids, near]);
  return near ? ids : settled;
}
