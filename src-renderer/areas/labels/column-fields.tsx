/** Which column is what: by the prediction's id, or by entity and time. */
import type { LabelPreview } from '../../../src-main/contract/labels.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { Select } from '../../ui/Select.tsx';
import { TextField } from '../../ui/TextField.tsx';
import type { Mapping, MappingCheck } from './mapping.ts';

type Props = {
  preview: LabelPreview;
  mapping: Mapping;
  problems: MappingCheck['problems'];
  onChange: (patch: Partial<Mapping>) => void;
};

export function ColumnFields({ preview, mapping, problems, onChange }: Props) {
  const column = (label: string, field: 'label' | 'predictionId' | 'entity' | 'at', help: string) => (
    <Select
      label={label}
      value={mapping[field]}
      onChange={(value) => onChange({ [field]: value })}
      help={help}
      error={problems[field] ?? null}
      options={[
        { value: '', label: 'Choose a column' },
        ...preview.columns.map((value) => ({ value, label: value })),
      ]}
    />
  );
  return (
    <div className="flex flex-col gap-3">
      <div>
        <SegmentedControl<Mapping['by']>
          label="How rows find their prediction"
          value={mapping.by}
          onChange={(by) => onChange({ by })}
          options={[
            { value: 'id', label: 'By the prediction’s id' },
            { value: 'entity', label: 'By entity and time' },
          ]}
        />
      </div>
      <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        {column('Label', 'label', 'What turned out to be true: a class, or a number.')}
        {mapping.by === 'id' ? (
          column('Prediction id', 'predictionId', 'The id of the answer, or the one the client sent.')
        ) : (
          <>
            {column('Entity', 'entity', 'The unit the client named, such as a flight or a customer.')}
            {column('Time', 'at', 'When what was predicted happened.')}
            <div className="grid grid-cols-2 gap-2">
              <TextField
                label="Looks back at most"
                value={mapping.within}
                onChange={(within) => onChange({ within })}
                inputMode="decimal"
                help="The newest prediction of the entity in this time is the one that is labelled."
                error={problems.within ?? null}
              />
              <Select
                label="Unit"
                value={mapping.unit}
                onChange={(unit) => onChange({ unit })}
                options={[
                  { value: 'minute', label: 'minutes' },
                  { value: 'hour', label: 'hours' },
                  { value: 'day', label: 'days' },
                ]}
              />
            </div>
          </>
        )}
      </div>
    </div>
  );
}
