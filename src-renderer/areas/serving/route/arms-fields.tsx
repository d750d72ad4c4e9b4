/** The arms of a route: drag the boundaries, or type; choose versions. */
import { Plus, Trash2 } from 'lucide-react';
import type { Arm } from '../../../../src-main/contract/serving-route.ts';
import { armColor, cssColor } from '../../../charts/theme.ts';
import { Swatch } from '../../../ui/Badge.tsx';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Select } from '../../../ui/Select.tsx';
import { NumberField } from '../../../ui/TextField.tsx';
import { addArm, removeArm, setWeight } from './split.ts';
import { SplitBar } from './split-bar.tsx';

export function ArmsFields({
  arms,
  versions,
  onChange,
}: {
  arms: readonly Arm[];
  versions: readonly string[];
  onChange: (arms: Arm[]) => void;
}) {
  const unused = versions.find((version) => !arms.some((arm) => arm.version === version));
  return (
    <div className="flex flex-col gap-3">
      <SplitBar arms={arms} onChange={onChange} />
      <ul className="flex flex-col gap-2">
        {arms.map((arm, i) => (
          <li
            key={arm.key}
            className="grid grid-cols-[minmax(0,1fr)_minmax(92px,140px)_110px_auto] items-center gap-2"
          >
            <span className="flex min-w-0 items-center gap-2 font-medium">
              <Swatch color={cssColor(armColor(arm.key, i))} />
              <span className="truncate">{arm.key}</span>
            </span>
            <Select
              label={`Version of ${arm.key}`}
              hideLabel
              value={arm.version}
              onChange={(version) => onChange(arms.map((one, at) => (at === i ? { ...one, version } : one)))}
              options={[...new Set([...versions, arm.version])].map((version) => ({
                value: version,
                label: `v${version}`,
              }))}
            />
            <NumberField
              label={`Share of ${arm.key} in percent`}
              hideLabel
              value={arm.weight / 100}
              min={0}
              max={100}
              unit="%"
              disabled={arms.length < 2}
              onCommit={(percent) => onChange(setWeight(arms, i, percent * 100))}
            />
            <IconButton
              icon={Trash2}
              label={`Remove ${arm.key}`}
              size="sm"
              disabled={arms.length < 2}
              onClick={() => onChange(removeArm(arms, i))}
            />
          </li>
        ))}
      </ul>
      <div>
        <Button
          size="sm"
          variant="ghost"
          icon={Plus}
          disabled={arms.length >= 8 || versions.length === 0}
          onClick={() => onChange(addArm(arms, unused ?? versions[0] ?? '1'))}
        >
          Add an arm
        </Button>
      </div>
    </div>
  );
}
