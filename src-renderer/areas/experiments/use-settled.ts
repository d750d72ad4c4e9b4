/** What is in sight while one scrolls, without all that only flies past. */
import { useEffect, useRef, useState } from 'react';

const STILL_MS = 60;
const LONGEST_MS = 150;

/**
 * The same list as long as some of the former one is in it. After a jump (the scroll bar is dragged) it is the new one
 * once that has stayed for a moment, and now and then while it has not.
 */
export function useSettled(ids: readonly string[]): readonly string[] {
  const [settled, setSettled] = useState(ids);
  const since = useRef(0);
  const known = useRef<{ ids: readonly string[]; members: ReadonlySet<string> }>(null);
  if (known.current?.ids !== settled) known.current = { ids: settled, members: new Set(settled) };
  const near = settled.length === 0 || ids.some((id) => known.current?.members.has(id));
  useEffect(() => {
    if (near) {
      since.current = 0;
      setSettled(ids);
      return;
    }
    const now = performance.now();
    if (since.current === 0) since.current = now;
    const settle = () => {
      since.current = 0;
      setSettled(ids);
    };
    const timer = setTimeout(settle, Math.min(STILL_MS, Math.max(0, since.current + LONGEST_MS - now)));
    return () => clearTimeout(timer);
  }, [ids, near]);
  return near ? ids : settled;
}
