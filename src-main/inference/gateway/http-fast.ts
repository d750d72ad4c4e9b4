/**
 * The short way of inference over HTTP. Node's server spends several times as much on a small request as all the rest of
 * the gateway (`npm run bench -- serving`). So a connection is read here as long as its requests are of the plainest form
 * (http-head.ts) and arrive promptly; at the first that is not, it is handed over to Node's server, with what was read,
 * for good. Limits and time-outs on slow and odd clients are Node's alone: nothing waits here for longer than a moment.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Ask, Reply } from './http-exchange.ts';
import { type PlainHead, readHead } from './http-head.ts';

/** Of a plain request: its whole body, which may be a view of what was read. */
export type Infer = (ask: Ask, reply: Reply, body: Buffer) => void;

export type FastPorts = {
  infer: Infer;
  maxBodyBytes(): number;
  /** Gives the connection to Node's server, which reads what was put back into it. */
  handOver(socket: Socket): void;
  keepAliveMs: number;
};

export type FastServer = {
  take(socket: Socket): void;
  /** Ends connections that wait for a request, and the others once they are answered. */
  close(): void;
  /** Cuts those that are left. */
  cut(): void;
};

/** A request that has begun has to be here by then, or it is Node's; so is a client that says nothing at first. */
const PROMPT_MS = 1_000;
/** More is not gathered here: it comes in many pieces, and how it is read matters little. */
const MOST_BYTES = 64 * 1024;
/** Up to it bytes are written as text of one byte a character, which costs less than a buffer. */
const SHORT_BYTES = 8 * 1024;
const SCRATCH_BYTES = 64 * 1024;
/** A longer head is read anew with every request. */
const MOST_KEPT_BYTES = 1024;
/** A client that sends and does not read is not read either. */
const MOST_UNREAD = 1024 * 1024;

export function createFastServer(ports: FastPorts): FastServer {
  const open = new Set<Connection>();
  let closing = false;
  const keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(ports.keepAliveMs / 1000)}\r\n\r\n`;
  const ending = 'Connection: close\r\n\r\n';

  class Connection {
    /** What was read and not used, in order. */
    private pending: Buffer | null = null;
    private beganMs = 0;
    private armedMs = 0;
    private reply: FastReply | null = null;
    private last: { bytes: Buffer; head: PlainHead } | null = null;

    private readonly socket: Socket;

    constructor(socket: Socket) {
      this.socket = socket;
      open.add(this);
      socket.on('data', this.onData);
      socket.on('end', this.onEnd);
      socket.on('close', this.onClose);
      socket.on('error', ignore);
      socket.on('drain', this.goOn);
      socket.on('timeout', this.onSilence);
      this.arm(PROMPT_MS);
    }

    /** Silence of so long is told; to set it anew for every request would cost more than it is worth. */
    private arm(ms: number): void {
      if (this.armedMs === ms) return;
      this.armedMs = ms;
      this.socket.setTimeout(ms);
    }

    isIdle(): boolean {
      return this.reply === null;
    }

    end(): void {
      this.socket.end();
    }

    destroy(): void {
      this.socket.destroy();
    }

    private readonly onData = (chunk: Buffer): void => {
      this.pending = this.pending === null ? chunk : Buffer.concat([this.pending, chunk]);
      if (!this.mustWait()) this.next();
      // The next request may come before the answer; what is more than that stays with the system.
      else if (this.pending.length > MOST_BYTES) this.socket.pause();
    };

    /** An answer is being made, or those that were are not read. */
    private mustWait(): boolean {
      return this.reply !== null || this.socket.writableLength > MOST_UNREAD;
    }

    /** There may be room for the next request again. */
    private readonly goOn = (): void => {
      const { socket } = this;
      if (socket.destroyed || this.mustWait()) return;
      if (socket.isPaused()) socket.resume();
      this.next();
    };

    /** Takes the next request, when there is a whole one. */
    private readonly next = (): void => {
      const { socket, pending } = this;
      if (pending === null) return;
      const head = this.sameHead(pending) ?? readHead(pending, ports.maxBodyBytes());
      if (head === 'other') {
        this.handOver();
        return;
      }
      if (head === 'more' || pending.length < head.end) {
        const tooMuch = (head === 'more' ? pending.length : head.end) > MOST_BYTES;
        const nowMs = performance.now();
        if (this.beganMs === 0) {
          this.beganMs = nowMs;
          this.arm(PROMPT_MS);
        }
        if (tooMuch || nowMs - this.beganMs > PROMPT_MS) this.handOver();
        return;
      }
      this.beganMs = 0;
      this.keepHead(head, pending);
      this.pending = pending.length === head.end ? null : pending.subarray(head.end);
      this.reply = new FastReply(socket, this.answered);
      const { url, headers } = head;
      ports.infer({ method: 'POST', url, headers }, this.reply, pending.subarray(head.begin, head.end));
    };

    /** Most clients send the same head, byte for byte, with every request. */
    private sameHead(pending: Buffer): PlainHead | null {
      const { last } = this;
      if (last === null || pending.length < last.bytes.length) return null;
      const { bytes, head } = last;
      const isSame = pending.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
      return isSame && head.end - head.begin <= ports.maxBodyBytes() ? head : null;
    }

    private keepHead(head: PlainHead, pending: Buffer): void {
      if (head === this.last?.head) return;
      const isShort = head.begin <= MOST_KEPT_BYTES;
      this.last = isShort ? { head, bytes: Buffer.from(pending.subarray(0, head.begin)) } : null;
    }

    private readonly answered = (): void => {
      this.reply = null;
      const { socket } = this;
      if (closing) {
        socket.end();
        return;
      }
      this.arm(ports.keepAliveMs);
      if (this.pending === null) return;
      // In a turn of its own: many requests in one packet must not hold up everyone else.
      setImmediate(this.goOn);
    };

    private readonly onSilence = (): void => {
      this.armedMs = 0;
      // A request that is being answered has its own time limit.
      if (this.reply !== null) return;
      const waits = this.beganMs === 0 && this.socket.bytesRead > 0;
      // Cut, as Node's server does: a client that never closes its own side would keep the connection for ever.
      if (waits) this.socket.destroy();
      else this.handOver();
    };

    /** Only done with sending, or gone: as at Node's server, what it had asked for is not waited for. */
    private readonly onEnd = (): void => {
      this.reply?.gone();
      this.socket.end();
    };

    private readonly onClose = (): void => {
      open.delete(this);
      this.reply?.gone();
    };

    private handOver(): void {
      const { socket, pending } = this;
      open.delete(this);
      socket.off('data', this.onData);
      socket.off('end', this.onEnd);
      socket.off('close', this.onClose);
      socket.off('error', ignore);
      socket.off('drain', this.goOn);
      socket.setTimeout(0);
      socket.off('timeout', this.onSilence);
      socket.pause();
      if (pending !== null) socket.unshift(pending);
      ports.handOver(socket);
      socket.resume();
    }
  }

  /** An answer on such a connection: one write, unless it is large. */
  class FastReply implements Reply {
    headersSent = false;
    private head = '';
    private listeners: (() => void)[] = [];
    private over = false;

    private readonly socket: Socket;
    private readonly answered: () => void;

    constructor(socket: Socket, answered: () => void) {
      this.socket = socket;
      this.answered = answered;
    }

    get destroyed(): boolean {
      return this.over || this.socket.destroyed;
    }

    writeHead(status: number, headers: string[]): void {
      let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
      for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
      this.head = `${head}Date: ${httpDate()}\r\n${closing ? ending : keepAlive}`;
      this.headersSent = true;
    }

    cork(): void {
      this.socket.cork();
    }

    write(chunk: string | Uint8Array): void {
      this.flushHead();
      this.socket.write(chunk);
    }

    end(chunk?: string | Uint8Array, encoding: 'latin1' | 'utf8' = 'utf8'): void {
      const { head, socket } = this;
      if (typeof chunk === 'string') socket.write(head + chunk, encoding);
      else if (chunk === undefined) this.flushHead();
      else if (chunk.byteLength > SHORT_BYTES)
        socket.write(Buffer.concat([Buffer.from(head, 'latin1'), chunk]));
      else socket.write(head + latin1(chunk), 'latin1');
      this.head = '';
      while (socket.writableCorked > 0) socket.uncork();
      this.gone();
      this.answered();
    }

    endParts(text: string, textBytes: number, parts: readonly Uint8Array[], tail: number): void {
      const { head, socket } = this;
      const bytes = scratchOf(head.length + textBytes + tail);
      let at = bytes.write(head, 0, 'latin1');
      // As many bytes as characters means plain ASCII.
      at += textBytes === text.length ? bytes.write(text, at, 'latin1') : bytes.write(text, at);
      for (const part of parts) {
        bytes.set(part, at);
        at += part.byteLength;
      }
      socket.write(bytes.subarray(0, at));
      // What did not go at once is read from these bytes later.
      if (socket.writableLength > 0) scratch = null;
      this.head = '';
      while (socket.writableCorked > 0) socket.uncork();
      this.gone();
      this.answered();
    }

    destroy(): void {
      this.socket.destroy();
    }

    on(_event: 'close', listener: () => void): void {
      this.listeners.push(listener);
    }

    /** The client is, or the answer is written. */
    gone(): void {
      if (this.over) return;
      this.over = true;
      for (const listener of this.listeners) listener();
    }

    private flushHead(): void {
      if (this.head !== '') this.socket.write(this.head, 'latin1');
      this.head = '';
    }
  }

  return {
    take: (socket) => void new Connection(socket),
    close() {
      closing = true;
      for (const connection of open) if (connection.isIdle()) connection.end();
    },
    cut() {
      for (const connection of open) connection.destroy();
    },
  };
}

function ignore(): void {
  // 'close' follows.
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** An answer is put together here and is with the system when its write returns, but for a client that does not read. */
let scratch: Buffer | null = null;
function scratchOf(bytes: number): Buffer {
  if (scratch === null || scratch.length < bytes)
    scratch = Buffer.allocUnsafeSlow(Math.max(bytes, SCRATCH_BYTES));
  return scratch;
}

let dateText = '';
let dateMs = 0;
/** The Date header's value, made anew once a second. */
function httpDate(): string {
  const nowMs = Date.now();
  if (nowMs - dateMs >= 1_000 || nowMs < dateMs) {
    dateMs = nowMs - (nowMs % 1_000);
    dateText = new Date(nowMs).toUTCString();
  }
  return dateText;
}
