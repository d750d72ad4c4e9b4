/** How figures, sizes and times are written, everywhere. A missing value is an en dash. */

export const NONE = '–';
const LOCALE = 'en-GB';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const integer = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

type Maybe = number | null | undefined;
const missing = (value: Maybe): value is null | undefined =>
  value === null || value === undefined || !Number.isFinite(value);

/** 12,345 */
export const formatCount = (value: Maybe): string => (missing(value) ? NONE : integer.format(value));

/** 12.3K, 1.2M; whole numbers below 10,000 as they are. */
export const formatCompact = (value: Maybe): string =>
  missing(value) ? NONE : Math.abs(value) < 10_000 ? integer.format(value) : short.format(value);

/** Significant digits, for metrics and scores: 0.8712, 12.35, 1.2e-7. */
export function formatNumber(value: Maybe, digits = 4): string {
  if (missing(value)) return NONE;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return integer.format(value);
  if (size < 1e-4 || size >= 1e9) return value.toExponential(2).replace('e+', 'e');
  const whole = size >= 1 ? Math.floor(Math.log10(size)) + 1 : 0;
  return decimalFormat(0, Math.max(0, digits - whole)).format(value);
}

/** A formatter takes a hundred times as long to make as to use. */
const decimalFormats = new Map<number, Intl.NumberFormat>();

function decimalFormat(least: number, most: number): Intl.NumberFormat {
  const key = least * 100 + most;
  const known = decimalFormats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: least, maximumFractionDigits: most });
  decimalFormats.set(key, made);
  return made;
}

/** A fixed number of decimals, so that columns line up: 0.80. */
export const formatFixed = (value: Maybe, decimals: number): string =>
  missing(value) ? NONE : decimalFormat(decimals, decimals).format(value);

/** A share from 0 to 1 as 81.3 %, with a no-break space. */
export const formatPercent = (share: Maybe, decimals = 1): string =>
  missing(share) ? NONE : `${formatFixed(share * 100, decimals)}\u00a0%`;

/** Binary units: 1.5 MiB. */
export function formatBytes(bytes: Maybe): string {
  if (missing(bytes)) return NONE;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const decimals = unit === 0 || value >= 100 ? 0 : 1;
  return `${formatFixed(value, decimals).replace(/\.0$/, '')}\u00a0${units[unit]}`;
}

/** A length of time in milliseconds: 0.42 ms, 12.4 ms, 1.24 s, 3 min 05 s, 2 h 10 min, 3 d 4 h. */
export function formatDuration(ms: Maybe): string {
  if (missing(ms)) return NONE;
  if (ms < 0) return `−${formatDuration(-ms)}`;
  if (ms < 1) return ms === 0 ? '0\u00a0ms' : `${formatFixed(ms, 2)}\u00a0ms`;
  if (ms < 100) return `${formatFixed(ms, 1)}\u00a0ms`;
  if (ms < 999.5) return `${Math.round(ms)}\u00a0ms`;
  if (ms < 10_000) return `${formatFixed(ms / 1000, 2)}\u00a0s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}\u00a0s`;
  const pad = (value: number) => String(value).padStart(2, '0');
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}\u00a0min ${pad(seconds % 60)}\u00a0s`;
  const minutes = Math.round(ms / MINUTE);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)}\u00a0h ${pad(minutes % 60)}\u00a0min`;
  const hours = Math.round(ms / HOUR);
  return `${Math.floor(hours / 24)}\u00a0d ${hours % 24}\u00a0h`;
}

/** 3 min ago, in 2 h, just now. */
export function formatRelative(thenMs: Maybe, nowMs: number): string {
  if (missing(thenMs)) return NONE;
  const gap = nowMs - thenMs;
  const size = Math.abs(gap);
  if (size < 10_000) return 'just now';
  const text =
    size < MINUTE
      ? `${Math.floor(size / 1000)}\u00a0s`
      : size < HOUR
        ? `${Math.floor(size / MINUTE)}\u00a0min`
        : size < DAY
          ? `${Math.floor(size / HOUR)}\u00a0h`
          : size < 60 * DAY
            ? `${Math.floor(size / DAY)}\u00a0d`
            : size < 730 * DAY
              ? `${Math.floor(size / (30 * DAY))}\u00a0mo`
              : `${Math.floor(size / (365 * DAY))}\u00a0y`;
  return gap >= 0 ? `${text} ago` : `in ${text}`;
}

const zone = (utc: boolean) => (utc ? { timeZone: 'UTC' } : {});

/** 14 Feb 2026. `utc` for event time, which windows are aligned to. */
export const formatDate = (ms: Maybe, utc = false): string =>
  missing(ms)
    ? NONE
    : new Intl.DateTimeFormat(LOCALE, {
        day: 'numeric',
        month: 'short',
        year: 'numeric',
        ...zone(utc),
      }).format(ms);

/** 14 Feb */
export const formatDay = (ms: Maybe, utc = false): string =>
  missing(ms)
    ? NONE
    : new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', ...zone(utc) }).format(ms);

/** 14 Feb 2026, 16:05 */
export const formatDateTime = (ms: Maybe, utc = false): string =>
  missing(ms)
    ? NONE
    : new Intl.DateTimeFormat(LOCALE, {
        day: 'numeric',
        month: 'short',
        year: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        hourCycle: 'h23',
        ...zone(utc),
      }).format(ms);

/** 16:05:09 */
export const formatTime = (ms: Maybe, utc = false): string =>
  missing(ms)
    ? NONE
    : new Intl.DateTimeFormat(LOCALE, {
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        hourCycle: 'h23',
        ...zone(utc),
      }).format(ms);

/** 1 run, 2 runs */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${Math.abs(count) === 1 ? one : many}`;
