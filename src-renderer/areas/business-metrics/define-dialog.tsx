import { useState } from 'react';
import { type BusinessMetric, MetricName } from '../../../src-main/contract/business-metrics.ts';
import { reportOf } from '../../lib/errors.ts';
import { useAction } from '../../lib/query.ts';
import { setQuery } from '../../lib/router.ts';
import { toast } from '../../lib/store.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { FailureCallout } from '../../ui/FailureCallout.tsx';
import { Select } from '../../ui/Select.tsx';
import { TextField } from '../../ui/TextField.tsx';

type Props = { endpoint: string; taken: readonly string[]; onClose: () => void };

export function DefineDialog({ endpoint, taken, onClose }: Props) {
  const [name, setName] = useState('');
  const [unit, setUnit] = useState('');
  const [combine, setCombine] = useState<BusinessMetric['combine']>('mean');
  const [good, setGood] = useState<BusinessMetric['good']>('higher');
  const define = useAction(
    (rpc) => rpc.businessMetrics.define({ endpoint, name: name.trim(), unit: unit.trim(), combine, good }),
    {
      topics: ['monitoring'],
      quiet: true,
      onDone: (metric) => {
        toast.ok(`${metric.name} is defined`, 'Push values of it, or import them.');
        setQuery({ business: metric.name });
        onClose();
      },
    },
  );
  const wrong =
    name.trim() === ''
      ? null
      : taken.includes(name.trim())
        ? 'It is there already; saving changes how it is read.'
        : null;
  const invalid =
    name.trim() === '' ? null : (MetricName.safeParse(name.trim()).error?.issues[0]?.message ?? null);
  const failure = define.error ? reportOf(define.error) : null;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Define a business metric"
      description="How its values are read. A metric that is pushed without a definition is a mean."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            disabled={name.trim() === '' || invalid !== null}
            busy={define.isPending}
            onClick={() => define.mutate()}
          >
            Define metric
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-2 gap-3">
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          maxLength={100}
          placeholder="rebookings"
          error={invalid}
          {...(wrong ? { help: wrong } : {})}
        />
        <TextField
          label="Unit (optional)"
          value={unit}
          onChange={setUnit}
          maxLength={20}
          placeholder="€, min, per 1,000"
        />
        <Select<BusinessMetric['combine']>
          label="Values of one window become"
          value={combine}
          onChange={setCombine}
          options={[
            { value: 'mean', label: 'their mean' },
            { value: 'sum', label: 'their sum' },
            { value: 'last', label: 'the last of them' },
          ]}
        />
        <Select<BusinessMetric['good']>
          label="What is good"
          value={good}
          onChange={setGood}
          options={[
            { value: 'higher', label: 'higher' },
            { value: 'lower', label: 'lower' },
            { value: 'neither', label: 'neither' },
          ]}
        />
        {failure ? (
          <div className="col-span-2">
            <FailureCallout report={failure} />
          </div>
        ) : null}
      </div>
    </Dialog>
  );
}
