/** Where counts stand: of which window, arm and version. */
import type { WindowSize } from '../../../contract/monitoring-series.ts';

export const LEVELS = { minute: 0, hour: 1, day: 2 } as const satisfies Record<WindowSize, number>;
/** Levels that are kept by feature; minutes are packed. */
export type Level = Exclude<WindowSize, 'minute'>;

export type Place = { endpointId: number; arm: string; version: string; windowMs: number };
export type PlaceAt = Place & { level: (typeof LEVELS)[WindowSize] };
