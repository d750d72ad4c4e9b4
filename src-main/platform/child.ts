/** The child's end of its parent, the same in an Electron utility process and in a forked Node process. */
export type ParentPort = {
  onMessage(listener: (message: unknown, ports: readonly unknown[]) => void): void;
  postMessage(message: unknown): void;
  /** The parent has gone; a child must not outlive it. */
  onDisconnect(listener: () => void): void;
};

type ElectronMessage = { data: unknown; ports: readonly unknown[] };
type ElectronPort = {
  on(event: 'message', listener: (event: ElectronMessage) => void): void;
  start(): void;
};
type ElectronParentPort = {
  on(event: 'message', listener: (event: ElectronMessage) => void): void;
  postMessage(message: unknown): void;
};

export function connectParent(): ParentPort {
  const electron = (process as unknown as { parentPort?: ElectronParentPort }).parentPort;
  if (electron) {
    return {
      // The first message brings the port that all others come by (host-electron/processes.ts says why).
      onMessage: (listener) =>
        electron.on('message', ({ ports }) => {
          const port = ports[0] as ElectronPort;
          port.on('message', (event) => listener(event.data, event.ports));
          port.start();
        }),
      postMessage: (message) => electron.postMessage(message),
      // Chromium ends utility processes together with the browser process.
      onDisconnect: () => {},
    };
  }
  return {
    onMessage: (listener) => process.on('message', (message) => listener(message, [])),
    postMessage: (message) => {
      if (process.connected) process.send?.(message);
    },
    onDisconnect: (listener) => process.on('disconnect', listener),
  };
}
