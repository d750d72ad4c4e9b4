/** Which of many deadlines is next: a binary heap whose members can leave from anywhere in O(log n). */
export type Due = {
  /** When, monotonic milliseconds; must not change while it is in the heap. */
  readonly dueMs: number;
  /** Its index in the heap; -1 outside. The heap's own. */
  heapAt: number;
};

export type Deadlines<Item extends Due> = {
  add(item: Item): void;
  /** Nothing when it is not there. */
  remove(item: Item): void;
  next(): Item | undefined;
};

export function createDeadlines<Item extends Due>(): Deadlines<Item> {
  const heap: Item[] = [];

  const put = (item: Item, at: number) => {
    heap[at] = item;
    item.heapAt = at;
  };
  const up = (item: Item, from: number) => {
    let at = from;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt] as Item;
      if (parent.dueMs <= item.dueMs) break;
      put(parent, at);
      at = parentAt;
    }
    put(item, at);
  };
  const down = (item: Item, from: number) => {
    let at = from;
    for (;;) {
      let childAt = at * 2 + 1;
      const left = heap[childAt];
      if (!left) break;
      const right = heap[childAt + 1];
      if (right && right.dueMs < left.dueMs) childAt += 1;
      const child = heap[childAt] as Item;
      if (child.dueMs >= item.dueMs) break;
      put(child, at);
      at = childAt;
    }
    put(item, at);
  };

  return {
    add: (item) => up(item, heap.push(item) - 1),
    remove(item) {
      const at = item.heapAt;
      if (at < 0) return;
      item.heapAt = -1;
      const last = heap.pop() as Item;
      if (last === item) return;
      down(last, at);
      up(last, last.heapAt);
    },
    next: () => heap[0],
  };
}
