import { useEffect, useState } from 'react';
import type { HostToPage } from '../../src-main/contract/host-messages.ts';
import { StartupFailure, StartupProgress } from '../areas/startup/index.tsx';
import { onHostMessage } from '../lib/host.ts';
import { useConnection } from '../lib/rpc.ts';
import { Shell } from './Shell.tsx';

type Failure = Extract<HostToPage, { lathe: 'startup-failed' }>;

/** Either the workspace is open, or it is being opened, or it could not be. */
export function App() {
  const { hello } = useConnection();
  const [failure, setFailure] = useState<Failure | null>(null);

  useEffect(
    () =>
      onHostMessage((message) => {
        if (message.lathe === 'startup-failed') setFailure(message);
        if (message.lathe === 'port') setFailure(null);
      }),
    [],
  );

  if (failure)
    return (
      <StartupFailure
        report={failure.report}
        workspace={failure.workspace}
        onRetry={() => setFailure(null)}
      />
    );
  if (!hello) return <StartupProgress />;
  return <Shell hello={hello} />;
}
