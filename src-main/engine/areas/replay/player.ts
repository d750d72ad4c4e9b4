/**
 * Plays rows: sends each as a request of its own when its simulated time has come, at most `CONCURRENCY` at
 * once, and hands labels out when theirs has. While the gateway is away it waits and sends the same rows again.
 */
import { Pool } from 'undici';
import { type ErrorReport, isErrorCode, LatheError } from '../../../contract/errors.ts';
import type { ParquetFile } from './parquet-file.ts';
import { createFrontier, createPace, type ReplayRow, readColumns, replayRow } from './replay.rules.ts';
import type { FromWorker, PlayJob, ReplayLabel, ToWorker } from './replay-messages.ts';

const CONCURRENCY = 32;
const TICK_MS = 5;
const PROGRESS_EVERY_MS = 250;
const LABELS_EVERY_MS = 100;
const LABEL_BATCH = 500;
const RATE_WINDOW_MS = 2_000;
const BACKOFF_MS = [50, 100, 250, 500, 1_000] as const;
const REQUEST_LIMIT_MS = 30_000;
const DAY_MS = 86_400_000;
/**
 * An answered row is logged a moment later; a gateway or an engine that is killed in that moment loses it. So
 * what was answered within this real time before an outage is sent again: ids repeat, nothing counts twice.
 */
const UNSURE_MS = 3_000;
/**
 * On going on, labels of earlier rows are sent again: those that were due and not joined when the engine died.
 * Three days cover the longest flight; a label that waits for its prediction is tried for a minute of real time.
 */
const lookbackMs = (speed: number): number => 3 * DAY_MS + 60_000 * speed;

export type Player = { tell(message: ToWorker): void; done: Promise<void> };

export function createPlayer(job: PlayJob, file: ParquetFile, post: (message: FromWorker) => void): Player {
  const real = () => performance.now();
  const pace = createPace(job.start.ms, real(), job.speed);
  const frontier = createFrontier(job.start);
  const counts = { sent: job.start.sent, failed: job.start.failed };
  const rows = createRowSource(job, file);
  const labels = createLabelQueue();
  const retry: Sending[] = [];
  const answeredAt: number[] = [];
  let recent: { row: ReplayRow; atMs: number }[] = [];
  let pool: Pool | null = null;
  let url: string | null = null;
  let inFlight = 0;
  let waitUntil = 0;
  let failuresInRow = 0;
  /** How often the gateway was found dead. */
  let deaths = 0;
  /** Why nothing goes out right now; and why the last row was refused, which stays to be read. */
  let waiting: ErrorReport | null = null;
  let refused: ErrorReport | null = null;
  let stopping = false;
  /** Time of the newest row sent. */
  let openedMs = Number.NEGATIVE_INFINITY;
  let progressAt = 0;
  let labelsAt = 0;

  /** `settle` is null for a row that was answered and counted before. */
  type Sending = { row: ReplayRow; settle: ((ok: boolean) => void) | null };

  function connect(next: string | null): void {
    if (next === url) return;
    // It went away before any request could find that out.
    if (url !== null) sendAgain();
    void pool?.close().catch(() => {});
    url = next;
    pool = next === null ? null : new Pool(next, { connections: CONCURRENCY, pipelining: 1 });
    waitUntil = 0;
  }
  connect(job.url);

  /** Takes what comes first: rows to be sent again, then the next one whose time has come. */
  function nextDue(simMs: number): Sending | null {
    const again = retry.shift();
    if (again) return again;
    const row = rows.peek();
    // Rows of one time go together, or the position would stand before all of them.
    if (!row || row.atMs > (stopping ? openedMs : simMs)) return null;
    rows.take();
    openedMs = row.atMs;
    return { row, settle: frontier.open(row.atMs) };
  }

  async function send(sending: Sending): Promise<void> {
    inFlight += 1;
    try {
      await attempt(sending);
    } finally {
      inFlight -= 1;
    }
  }

  async function attempt(sending: Sending): Promise<void> {
    const begunAfter = deaths;
    const outcome = await request(sending.row.body());
    if (outcome.kind === 'away') {
      retry.push(sending);
      if (outcome.lost) sendAgain();
      waiting = outcome.error;
      waitUntil = real() + (BACKOFF_MS[Math.min(failuresInRow, BACKOFF_MS.length - 1)] as number);
      failuresInRow += 1;
      return;
    }
    failuresInRow = 0;
    const at = real();
    answeredAt.push(at);
    waiting = null;
    if (outcome.kind === 'refused') refused = outcome.error;
    if (outcome.kind === 'ok') {
      // The last answers of a dead one may be read after the connection that told of its death.
      if (begunAfter === deaths) recent.push({ row: sending.row, atMs: at });
      else retry.push({ row: sending.row, settle: null });
    }
    if (!sending.settle) return;
    counts[outcome.kind === 'ok' ? 'sent' : 'failed'] += 1;
    sending.settle(outcome.kind === 'ok');
    if (outcome.kind === 'ok') labels.add(sending.row);
  }

  /** The gateway died, or may have: what it answered last may not have been logged. */
  function sendAgain(): void {
    deaths += 1;
    const since = real() - UNSURE_MS;
    for (const { row, atMs } of recent) if (atMs >= since) retry.push({ row, settle: null });
    recent = [];
  }

  type Outcome =
    | { kind: 'ok' }
    | { kind: 'refused'; error: ErrorReport }
    /** `lost`: the connection itself failed. */
    | { kind: 'away'; error: ErrorReport; lost: boolean };

  async function request(body: string): Promise<Outcome> {
    if (!pool) return { kind: 'away', error: away('it is not listening yet'), lost: false };
    try {
      const response = await pool.request({
        path: `/v2/models/${job.endpoint}/infer`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        headersTimeout: REQUEST_LIMIT_MS,
        bodyTimeout: REQUEST_LIMIT_MS,
      });
      const text = await response.body.text();
      if (response.statusCode === 200) return { kind: 'ok' };
      // 404: the gateway is new and has not got its endpoints yet, or the endpoint is off for now.
      const failure = answerError(text, response.statusCode);
      return response.statusCode >= 500 || response.statusCode === 404
        ? { kind: 'away', error: failure, lost: false }
        : { kind: 'refused', error: failure };
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      return { kind: 'away', error: away(reason), lost: true };
    }
  }

  const away = (reason: string): ErrorReport =>
    new LatheError('LATHE_SERVING_MODEL_UNAVAILABLE', {
      name: job.endpoint,
      version: '(any)',
      reason,
    }).report();
  const answerError = (text: string, status: number): ErrorReport => {
    try {
      const { code, cause, remedy, error } = JSON.parse(text) as Partial<Record<string, unknown>>;
      if (isErrorCode(code) && typeof cause === 'string' && typeof remedy === 'string')
        return { code, status, cause, remedy, details: {} };
      if (typeof error === 'string') return away(error);
    } catch {
      // Not JSON: the status says enough.
    }
    return away(`it answered with HTTP ${status}`);
  };

  function pump(): void {
    const at = real();
    while (inFlight < CONCURRENCY && at >= waitUntil) {
      const sending = nextDue(pace.now(at));
      if (!sending) break;
      // A gateway that is away is tried with one request, not with all of them.
      if (failuresInRow > 0 && inFlight > 0) {
        retry.unshift(sending);
        break;
      }
      void send(sending).then(pump);
    }
    const held = rows.peek()?.atMs;
    if (held !== undefined) pace.hold(real(), held);
  }

  function report(force: boolean): void {
    const at = real();
    if (!force && at - progressAt < PROGRESS_EVERY_MS) return;
    progressAt = at;
    while (answeredAt.length > 0 && (answeredAt[0] as number) < at - RATE_WINDOW_MS) answeredAt.shift();
    recent = recent.filter(({ atMs }) => atMs >= at - UNSURE_MS);
    post({
      type: 'progress',
      nowMs: Math.min(Math.round(pace.now(at)), rows.peek()?.atMs ?? job.toMs),
      ...counts,
      position: frontier.position(rows.peek()?.atMs ?? job.toMs),
      requestsPerSecond: answeredAt.length / (RATE_WINDOW_MS / 1000),
      error: waiting ?? refused,
    });
  }

  function sendLabels(): void {
    if (real() - labelsAt < LABELS_EVERY_MS) return;
    labelsAt = real();
    for (;;) {
      const due = labels.take(pace.now(real()), LABEL_BATCH);
      if (due.length === 0) return;
      post({ type: 'labels', labels: due });
    }
  }

  async function play(): Promise<void> {
    for (const row of await rows.before(job.start.ms - lookbackMs(job.speed))) {
      labels.add(row);
      if (row.atMs >= job.start.ms - UNSURE_MS * job.speed) retry.push({ row, settle: null });
    }
    for (;;) {
      await rows.fill();
      pump();
      sendLabels();
      report(false);
      const idle = inFlight === 0 && (stopping || (retry.length === 0 && !rows.peek()));
      if (idle && (stopping || labels.size() === 0)) break;
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    report(true);
    const finished = !rows.peek() && retry.length === 0;
    post({ type: 'stopped', position: frontier.position(rows.peek()?.atMs ?? job.toMs), finished });
    await pool?.close();
  }

  return {
    tell(message) {
      if (message.type === 'speed') pace.setSpeed(real(), message.speed);
      else if (message.type === 'url') connect(message.url);
      else stopping = true;
    },
    done: play(),
  };
}

/** Rows from the start on, one part of the file at a time. */
function createRowSource(job: PlayJob, file: ParquetFile) {
  const { pass, inputs } = job;
  const options = { pass, inputs, shape: file.shape, evenFromMs: job.fromMs };
  const columns = readColumns(inputs);
  let buffer: ReplayRow[] = [];
  let next = 0;
  let part = 0;
  let ended = false;

  const rowsOf = async (at: number): Promise<ReplayRow[]> => {
    const start = file.parts[at]?.start ?? 0;
    const raw = await file.read(at, columns);
    return raw
      .map((row, index) => replayRow(row, start + index, options))
      .filter((row) => row.atMs < job.toMs);
  };
  /** False when no row of the part can be at or after `fromMs`. */
  const reaches = (at: number, fromMs: number): boolean => {
    const lastMs = file.parts[at]?.lastMs;
    return lastMs === null || lastMs === undefined || lastMs >= fromMs;
  };

  return {
    /** Rows in [fromMs, start), for their labels. Call first: it leaves the source at the start. */
    async before(fromMs: number): Promise<ReplayRow[]> {
      const earlier: ReplayRow[] = [];
      const begin = Math.max(fromMs, job.fromMs);
      while (part < file.parts.length && buffer.length === 0) {
        if (reaches(part, begin))
          for (const row of await rowsOf(part)) {
            if (row.atMs >= job.start.ms) buffer.push(row);
            else if (row.atMs >= begin) earlier.push(row);
          }
        part += 1;
      }
      return earlier;
    },
    async fill(): Promise<void> {
      while (next >= buffer.length && !ended) {
        if (part >= file.parts.length) {
          ended = true;
          return;
        }
        buffer = await rowsOf(part);
        next = 0;
        part += 1;
      }
    },
    peek: (): ReplayRow | undefined => buffer[next],
    take(): void {
      next += 1;
    },
  };
}

/** Labels in the order in which they come due. */
function createLabelQueue() {
  const queue: { dueMs: number; label: ReplayLabel }[] = [];
  return {
    add(row: ReplayRow): void {
      if (!row.label) return;
      const entry = {
        dueMs: row.label.dueMs,
        label: { predictionId: row.id, label: row.label.text, labelledMs: row.label.dueMs },
      };
      // Due times are nearly in order already: looked for from the end.
      let at = queue.length;
      while (at > 0 && (queue[at - 1]?.dueMs ?? 0) > entry.dueMs) at -= 1;
      queue.splice(at, 0, entry);
    },
    take(nowMs: number, limit: number): ReplayLabel[] {
      let count = 0;
      while (count < limit && (queue[count]?.dueMs ?? Number.POSITIVE_INFINITY) <= nowMs) count += 1;
      return queue.splice(0, count).map(({ label }) => label);
    },
    size: () => queue.length,
  };
}
