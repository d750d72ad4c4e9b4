/** "Explain this number", usable on any score: a button that says how the number comes about. */
import type { ReactNode } from 'react';
import type { FeatureDetail } from '../../../src-main/contract/monitoring.ts';
import type { DriftLevel } from '../../../src-main/contract/monitoring-series.ts';
import { Popover } from '../../ui/Popover.tsx';

type ExplainProps = {
  method: string;
  value: number | null;
  n?: number;
  minN?: number;
  level?: DriftLevel;
  referenceN?: number;
  bins?: FeatureDetail['distribution'] | undefined;
  children: ReactNode;
};

export function Explain({ method, children }: ExplainProps) {
  return (
    <Popover label={method} trigger={<button type="button">{children}</button>}>
      {method}
    </Popover>
  );
}
