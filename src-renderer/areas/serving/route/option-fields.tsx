/** The rest of a route: the bandit's rule, what a unit is known by, and the shadow. */
import type { BanditPlan, Route, Shadow, Sticky } from '../../../../src-main/contract/serving-route.ts';
import { Select } from '../../../ui/Select.tsx';
import { Switch } from '../../../ui/Switch.tsx';
import { NumberField, TextField } from '../../../ui/TextField.tsx';

export function BanditFields({ plan, onChange }: { plan: BanditPlan; onChange: (plan: BanditPlan) => void }) {
  return (
    <div className="grid grid-cols-1 gap-3 sm:grid-cols-3">
      <Select<BanditPlan['reward']>
        label="A reward is"
        value={plan.reward}
        onChange={(reward) => onChange({ ...plan, reward })}
        options={[
          { value: 'binary', label: 'Success or not' },
          { value: 'real', label: 'A number' },
        ]}
      />
      <NumberField
        label="Every arm keeps"
        help="of all traffic, to go on learning"
        value={plan.floor / 100}
        min={0}
        max={50}
        unit="%"
        onCommit={(percent) => onChange({ ...plan, floor: Math.round(percent * 100) })}
      />
      <NumberField
        label="Weights anew every"
        value={plan.everyRewards}
        min={1}
        max={1_000_000}
        integer
        unit="rewards"
        onCommit={(everyRewards) => onChange({ ...plan, everyRewards })}
      />
    </div>
  );
}

export function StickyFields({ sticky, onChange }: { sticky: Sticky; onChange: (sticky: Sticky) => void }) {
  const named = sticky.kind === 'header' || sticky.kind === 'cookie';
  const choose = (kind: Sticky['kind']) => {
    if (kind === 'header') onChange({ kind, name: 'x-user-id' });
    else if (kind === 'cookie') onChange({ kind, name: 'session' });
    else onChange({ kind });
  };
  return (
    <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
      <Select<Sticky['kind']>
        label="A unit is known by"
        help="Equal units meet the same arm, also when the shares change."
        value={sticky.kind}
        onChange={choose}
        options={[
          { value: 'unit', label: 'What the request names, else its input' },
          { value: 'header', label: 'A header' },
          { value: 'cookie', label: 'A cookie' },
          { value: 'input', label: 'Its input' },
        ]}
      />
      {named ? (
        <TextField
          label={sticky.kind === 'header' ? 'Name of the header' : 'Name of the cookie'}
          value={sticky.name}
          onChange={(name) =>
            onChange({ kind: sticky.kind, name: sticky.kind === 'header' ? name.toLowerCase() : name })
          }
          maxLength={64}
          mono
        />
      ) : null}
    </div>
  );
}

export function ShadowFields({
  shadow,
  versions,
  arms,
  onChange,
}: {
  shadow: Shadow | null;
  versions: readonly string[];
  arms: Route['arms'];
  onChange: (shadow: Shadow | null) => void;
}) {
  const first = versions.find((version) => !arms.some((arm) => arm.version === version)) ?? versions[0];
  return (
    <div className="flex flex-col gap-2">
      <Switch
        label="Shadow"
        help="A version that gets copies of requests when the device is idle. Its answers go to nobody and are compared."
        checked={shadow !== null}
        disabled={shadow === null && first === undefined}
        onChange={(on) => onChange(on && first !== undefined ? { version: first, fraction: 0.1 } : null)}
      />
      {shadow ? (
        <div className="grid grid-cols-2 gap-3">
          <Select
            label="Version of the shadow"
            value={shadow.version}
            onChange={(version) => onChange({ ...shadow, version })}
            options={[...new Set([...versions, shadow.version])].map((version) => ({
              value: version,
              label: `v${version}`,
            }))}
          />
          <NumberField
            label="Copies"
            value={Number((shadow.fraction * 100).toPrecision(6))}
            min={0.01}
            max={100}
            unit="% of requests"
            onCommit={(percent) => onChange({ ...shadow, fraction: percent / 100 })}
          />
        </div>
      ) : null}
    </div>
  );
}
