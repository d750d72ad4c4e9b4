/** What is in sight while one scrolls, without all that only flies past. */
import { useEffect, useRef, useState } from 'react';

const STILL_MS = 60;

/**
 * `ids` are the part of the list `of` in sight. As long as some of the former part is in it, or the list is another, they
 * count at once. After a jump (the scroll bar is dragged) they do once they have stayed for a moment: rows that nobody
 * can read are neither fetched nor filled.
 */
export function useSettled(ids: readonly string[], of: unknown): readonly string[] {
  const [settled, setSettled] = useState({ ids, of });
  const known = useRef<{ ids: readonly string[]; members: ReadonlySet<string> }>(null);
  if (known.current?.ids !== settled.ids) known.current = { ids: settled.ids, members: new Set(settled.ids) };
  const near =
    settled.of !== of || settled.ids.length === 0 || ids.some((id) => known.current?.members.has(id));
  useEffect(() => {
    if (near) {
      setSettled({ ids, of });
      return;
    }
    const timer = setTimeout(() => setSettled({ ids, of }), STILL_MS);
    return () => clearTimeout(timer);
  }, [ids, of, near]);
  return near ? ids : settled.ids;
}
