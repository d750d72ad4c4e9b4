/** What the table of models offers the gateway, and what it needs of it. */
import type { Clock } from '../../platform/clock.ts';
import type { GatewayToRunner, ModelSpec, RunnerToGateway } from '../../platform/link.ts';
import type { Logger } from '../../platform/log.ts';
import type { Batcher } from './batcher-types.ts';
import type { Limits, ServedModel } from './served-model.ts';

export type ModelTable = {
  get(key: string): ServedModel | undefined;
  /** The runner's name for it, also while it is leaving; null when it is not in memory. */
  session(key: string): string | null;
  all(): Iterable<ServedModel>;
  /** Makes the table hold exactly these: loads what is new or changed, unloads what is gone. */
  apply(specs: readonly ModelSpec[], limits: Limits): void;
  runnerConnected(): void;
  /**
   * Call before the batcher is told, while it still knows what was running. `blameless`: what ran was nobody's
   * request, so nobody's request is refused for it.
   */
  runnerLost(blameless: boolean): void;
  onMessage(message: RunnerToGateway): void;
  /** A request for it is about to be queued: it was used, and is brought back if it rests. */
  use(model: ServedModel): void;
  /** A batch of it was answered. */
  ran(key: string): void;
  /** A batch of it never ended; its runner is about to be replaced. */
  hung(key: string): void;
  /** The model's outputs cannot be cut into requests: from now on its requests run one by one. */
  setUnbatchable(key: string): void;
  /**
   * Loads or unloads every version of a registered model, whatever the engine said last. Resolves when each is
   * ready, failed or gone.
   */
  setLoaded(model: string, loaded: boolean): Promise<void>;
  /** Tries again those versions of a registered model that failed and should be served. */
  retry(model: string): void;
  /** What was asked for with `setLoaded` and the engine has not said yet. */
  asked(): ReadonlyMap<string, boolean>;
  /** Memory of all that is loaded, in bytes, and what is set aside for it. */
  memory(): { usedBytes: number; budgetBytes: number };
};

export type TablePorts = {
  clock: Clock;
  log: Logger;
  batcher: Pick<
    Batcher<never, never>,
    | 'open'
    | 'hold'
    | 'drop'
    | 'drain'
    | 'isBusy'
    | 'runningKeys'
    | 'occupy'
    | 'taskDone'
    | 'observe'
    | 'estimate'
  >;
  send(message: GatewayToRunner): boolean;
  /** Bytes of a file; 0 when it cannot be read. */
  fileBytes(path: string): number;
  /** Where nothing is configured. */
  automaticBudgetBytes: number;
  changed(): void;
};
