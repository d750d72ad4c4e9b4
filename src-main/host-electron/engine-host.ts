/**
 * The desktop's engine: a supervised utility process, with the gateway and the runners beside it as children of
 * main, so that they live on when the engine dies. Clients (the page, main itself) get a MessagePort each.
 */
import type { MessagePortMain } from 'electron';
import { type ErrorReport, LatheError, toErrorReport } from '../contract/errors.ts';
import type { WorkspaceChoice } from '../contract/host-messages.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/log.ts';
import { type ChildHandle, createSupervisor, type ProcessSpec } from '../platform/supervisor.ts';
import type { EngineStart, EngineToHost, HostToEngine, SecretAsk } from './engine-messages.ts';

const ENGINE = 'engine';

export type EngineHostEvents = {
  ready(): void;
  /** Died; it is being started again. */
  down(): void;
  /** It will not come back by itself. */
  failed(report: ErrorReport): void;
  choose(mode: WorkspaceChoice): Promise<boolean>;
  /** Rejects with LATHE_ALERTS_NO_SECRETS where there is no keychain. */
  secret(ask: SecretAsk): Promise<string | null>;
  notify(notice: { title: string; body: string; href: string }): void;
};

export type EngineHost = {
  start(start: EngineStart): void;
  /** Engine first, so that it can take what the gateway still has; then everything else. */
  stop(): Promise<void>;
  /** Gives the engine a client's port; false when there is no engine to give it to. */
  connect(port: MessagePortMain): boolean;
};

export type EngineHostOptions = {
  fork: (spec: ProcessSpec) => ChildHandle;
  clock: Clock;
  log: Logger;
  events: EngineHostEvents;
};

export function createEngineHost({ fork, clock, log, events }: EngineHostOptions): EngineHost {
  const supervisor = createSupervisor(fork, clock);
  let isReady = false;
  const tell = (message: HostToEngine, transfer?: readonly unknown[]) =>
    supervisor.send(ENGINE, message, transfer);

  supervisor.on((event) => {
    const id = event.type === 'message' ? event.id : event.process.id;
    if (event.type === 'died')
      log.error({ process: id, code: event.code, signal: event.signal }, 'a process died');
    if (id !== ENGINE) {
      tell({ type: 'process-event', event });
      return;
    }
    if (event.type === 'message') {
      heard(event.message as EngineToHost);
    } else if (event.type === 'died') {
      isReady = false;
      if (event.process.state === 'failed') events.failed(diedTooOften());
      else events.down();
    } else if (event.process.state === 'starting') {
      tell({ type: 'processes', processes: supervisor.list() });
    }
  });

  function heard(message: EngineToHost): void {
    switch (message.type) {
      case 'ready':
        isReady = true;
        events.ready();
        return;
      case 'startup-failed':
        // It opened nothing and holds nothing; starting it again would only fail again.
        void supervisor.stop(ENGINE);
        events.failed(message.report);
        return;
      case 'ensure':
        supervisor.ensure(message.spec);
        return;
      case 'stop':
        void supervisor.stop(message.id);
        return;
      case 'choose':
        void events.choose(message.mode).then((chosen) => tell({ type: 'chosen', id: message.id, chosen }));
        return;
      case 'secret': {
        const { id } = message;
        events.secret(message.ask).then(
          (value) => tell({ type: 'secret-done', id, value, error: null }),
          (thrown: unknown) => tell({ type: 'secret-done', id, value: null, error: toErrorReport(thrown) }),
        );
        return;
      }
      case 'notify':
        events.notify(message.notice);
        return;
    }
  }

  return {
    start(start) {
      supervisor.ensure({ id: ENGINE, entry: ENGINE, start });
    },
    async stop() {
      isReady = false;
      await supervisor.stop(ENGINE);
      await supervisor.stopAll();
    },
    connect: (port) => isReady && tell({ type: 'client' }, [port]),
  };
}

const diedTooOften = (): ErrorReport => new LatheError('LATHE_ENGINE_UNAVAILABLE').report();
