/** What an empty Experiments view says, honestly: runs come with the sample until the tracking API is here. */
import { FlaskConical } from 'lucide-react';
import { EmptyState } from '../../ui/EmptyState.tsx';

const OPEN_SAMPLE = 'npx lathe serve --workspace ./flights --sample';

export function NoRuns({ title }: { title: string }) {
  return (
    <EmptyState icon={FlaskConical} title={title} snippet={OPEN_SAMPLE}>
      Logging runs from your own code comes with the MLflow API, which is not in this version. The sample
      workspace shows real runs and their curves.
    </EmptyState>
  );
}
