/** How each kind and state of activity is named and drawn. */
import {
  Archive,
  CircleAlert,
  FileChartColumn,
  FileInput,
  Hammer,
  type LucideIcon,
  PackageOpen,
  Pencil,
  Rewind,
  Trash2,
} from 'lucide-react';
import type { Activity } from '../../../src-main/contract/activity.ts';
import type { Tone } from '../../ui/tone.ts';

export const KINDS: Record<Activity['kind'], { icon: LucideIcon; word: string }> = {
  import: { icon: FileInput, word: 'Import' },
  report: { icon: FileChartColumn, word: 'Report' },
  replay: { icon: Rewind, word: 'Replay' },
  load: { icon: PackageOpen, word: 'Load' },
  seed: { icon: Hammer, word: 'Set-up' },
  backup: { icon: Archive, word: 'Backup' },
  incident: { icon: CircleAlert, word: 'Incident' },
  cleanup: { icon: Trash2, word: 'Clean-up' },
  change: { icon: Pencil, word: 'Change' },
};

export const STATES: Record<Activity['state'], { tone: Tone; word: string }> = {
  running: { tone: 'accent', word: 'Running' },
  done: { tone: 'ok', word: 'Done' },
  failed: { tone: 'bad', word: 'Failed' },
  cancelled: { tone: 'neutral', word: 'Cancelled' },
};
