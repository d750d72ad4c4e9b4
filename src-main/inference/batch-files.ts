/**
 * Bodies of batches beside the socket: files in memory (tmpfs), one for inputs and one for outputs in each of a few
 * slots. A runner's thread is busy while a model runs, and a socket holds some 200 KB: what is larger would wait in its
 * sender until the reader has time for it, so that a result came only with that of the batch behind it. A file takes all
 * of it at once, and only a short message goes by the socket. Where there is no such place, or no room in it, bodies go by the socket.
 *
 * The gateway makes the files, anew for every runner, and gives a slot to a batch until it has read the result.
 */
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writevSync,
} from 'node:fs';
import { join } from 'node:path';

/** Below it a message with the body in it is as quick. */
const LEAST_BYTES = 64 * 1024;
/** Containers often have 64 MiB of such memory, and others want their part of it. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Files that were longer are emptied before they are used again. */
const KEPT_BYTES = 1024 * 1024;
/** As many batches as are on the device, behind it, and being answered. */
const SLOTS = 3;
const PLACE = '/dev/shm';
const PREFIX = 'lathe-batches-';
const KINDS = ['inputs', 'outputs'] as const;

type Kind = (typeof KINDS)[number];
type Slot = Record<Kind, number>;

const isFit = (bytes: number): boolean => bytes >= LEAST_BYTES && bytes <= MOST_BYTES;
const sizeOf = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, part) => sum + part.byteLength, 0);

/** False where it does not fit: nothing of it counts then. */
function write(fd: number, parts: readonly Uint8Array[]): boolean {
  const bytes = sizeOf(parts);
  if (!isFit(bytes)) return false;
  try {
    return writevSync(fd, parts, 0) === bytes;
  } catch {
    return false;
  }
}

function read(fd: number, into: Buffer): Buffer {
  for (let at = 0; at < into.length; ) {
    const got = readSync(fd, into, at, into.length - at, at);
    if (got === 0) throw new Error('a batch’s file is shorter than what it is said to hold');
    at += got;
  }
  return into;
}

const closeAll = (slots: readonly Slot[]): void => {
  for (const slot of slots) for (const kind of KINDS) closeSync(slot[kind]);
};

/** All of them or, where one is out of reach, none. */
function openAll(folder: string, flags: string): Slot[] {
  const opened: number[] = [];
  const open = (name: string): number => {
    const fd = openSync(join(folder, name), flags, 0o600);
    opened.push(fd);
    return fd;
  };
  try {
    return Array.from({ length: SLOTS }, (_, at) => ({
      inputs: open(`inputs-${at}`),
      outputs: open(`outputs-${at}`),
    }));
  } catch (thrown) {
    for (const fd of opened) closeSync(fd);
    throw thrown;
  }
}

export type GatewayBatchFiles = {
  /** A new folder, empty, for the runner that has connected; null where there can be none. */
  renew(): string | null;
  /** The runner has opened the files of that folder. */
  opened(folder: string): void;
  /** The slot that holds the body from now on; null: it goes by the socket. */
  put(body: Uint8Array): number | null;
  /** What the runner has left in it. */
  take(slot: number, bytes: number): Buffer;
  /** The slot is free again. */
  give(slot: number): void;
  close(): void;
};

/** @param place a folder of a file system in memory */
export function createBatchFiles(place = PLACE): GatewayBatchFiles {
  let made: { folder: string; slots: Slot[] } | null = null;
  let isOpen = false;
  let free: number[] = [];
  /** The longest body in each slot since it was taken. */
  const longest = new Array<number>(SLOTS).fill(0);
  const note = (slot: number, bytes: number) => {
    longest[slot] = Math.max(longest[slot] ?? 0, bytes);
  };
  const end = () => {
    if (!made) return;
    closeAll(made.slots);
    rmSync(made.folder, { recursive: true, force: true });
    made = null;
    isOpen = false;
    free = [];
  };
  removeLeft(place);
  return {
    renew() {
      end();
      let folder: string | null = null;
      try {
        folder = mkdtempSync(join(place, `${PREFIX}${process.pid}-`));
        made = { folder, slots: openAll(folder, 'wx+') };
        return folder;
      } catch {
        if (folder) rmSync(folder, { recursive: true, force: true });
        return null;
      }
    },
    opened(folder) {
      if (made?.folder !== folder) return;
      isOpen = true;
      free = made.slots.map((_, at) => at);
    },
    put(body) {
      if (!made || !isOpen || !isFit(body.byteLength)) return null;
      const at = free.pop();
      if (at === undefined) return null;
      if (write((made.slots[at] as Slot).inputs, [body])) {
        note(at, body.byteLength);
        return at;
      }
      free.push(at);
      return null;
    },
    take(slot, bytes) {
      const from = made?.slots[slot];
      // A runner that says so is not ours to believe.
      if (!from || bytes > MOST_BYTES) throw new Error('there is no such result in a batch’s file');
      note(slot, bytes);
      return read(from.outputs, Buffer.allocUnsafeSlow(bytes));
    },
    give(slot) {
      const used = made?.slots[slot];
      if (used && (longest[slot] ?? 0) > KEPT_BYTES) for (const kind of KINDS) ftruncateSync(used[kind]);
      longest[slot] = 0;
      free.push(slot);
    },
    close: end,
  };
}

/** What gateways that were killed left behind. */
function removeLeft(place: string): void {
  let names: string[];
  try {
    names = readdirSync(place);
  } catch {
    return;
  }
  for (const name of names) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (!(pid > 0) || isAlive(pid)) continue;
    try {
      rmSync(join(place, name), { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

export type RunnerBatchFiles = {
  /** The inputs of a batch. They are there until the next batch of that slot. */
  take(slot: number, bytes: number): Buffer;
  /** False: the outputs go by the socket. */
  put(slot: number, parts: readonly Uint8Array[]): boolean;
  close(): void;
};

/** Throws where the files are out of reach. */
export function openBatchFiles(folder: string): RunnerBatchFiles {
  const slots = openAll(folder, 'r+');
  const kept: Buffer[] = [];
  return {
    take(slot, bytes) {
      const from = slots[slot];
      if (!from || bytes > MOST_BYTES) throw new Error('there is no such batch in the files');
      let whole = kept[slot];
      if (!whole || whole.length < bytes) {
        whole = Buffer.allocUnsafeSlow(bytes);
        kept[slot] = whole;
      }
      return read(from.inputs, whole.subarray(0, bytes));
    },
    put(slot, parts) {
      const to = slots[slot];
      return to !== undefined && write(to.outputs, parts);
    },
    close: () => closeAll(slots),
  };
}
