/** What every area is given. Areas reach nothing else: no globals, no clock or id source of their own. */
import type { Clock } from '../platform/clock.ts';
import type { HostPort } from '../platform/host-port.ts';
import type { Ids } from '../platform/ids.ts';
import type { Logger } from '../platform/log.ts';
import type { Analysis } from './analysis/index.ts';
import type { Blobs } from './data/blobs.ts';
import type { Database } from './data/database.ts';
import type { GroupCommit } from './data/group-commit.ts';
import type { Readers } from './data/readers.ts';
import type { Events } from './events.ts';
import type { Status } from './status.ts';

export type Paths = {
  /** The workspace folder. */
  root: string;
  logs: string;
  uploads: string;
  /** Short-lived folder with the local sockets, readable by this user only. */
  run: string;
  /** Read-only files that ship with the app: the sample. */
  resources: string;
  /** Folder with the built bundles (workers). */
  bundles: string;
};

export type AreaContext = {
  db: Database;
  /** For writes that others wait for: they share commits, and wait for a busy database without holding the thread. */
  writes: GroupCommit;
  /** For queries that may take more than 10 ms: they run on another thread and see what is committed. */
  readers: Readers;
  /** For queries over raw rows and files: they run in a process of its own, which is started when it is needed. */
  analysis: Analysis;
  blobs: Blobs;
  events: Events;
  status: Status;
  clock: Clock;
  ids: Ids;
  log: Logger;
  host: HostPort;
  paths: Paths;
};
