/** A field for every value that the signature asks for. */
import type { TensorSpec } from '../../../../src-main/contract/common.ts';
import { Select } from '../../../ui/Select.tsx';
import { TextArea, TextField } from '../../../ui/TextField.tsx';
import { type FormValues, kindOf, tensorOf } from './form-rules.ts';
import { rowWidth } from './request-body.ts';

export function FormEditor({
  specs,
  values,
  onChange,
}: {
  specs: readonly TensorSpec[];
  values: FormValues;
  onChange: (values: FormValues) => void;
}) {
  const set = (name: string, texts: readonly string[]) => onChange({ ...values, [name]: texts });
  const single = (spec: TensorSpec) => kindOf(spec) === 'cells' && rowWidth(spec) === 1;
  return (
    <div className="grid grid-cols-[repeat(auto-fill,minmax(150px,1fr))] items-start gap-x-3 gap-y-2.5">
      {specs.filter(single).map((spec) => (
        <Cell
          key={spec.name}
          spec={spec}
          label={spec.name}
          help={spec.datatype}
          text={values[spec.name]?.[0] ?? ''}
          problem={problemOf(spec, values)?.text ?? null}
          onChange={(text) => set(spec.name, [text])}
        />
      ))}
      {specs
        .filter((spec) => !single(spec))
        .map((spec) => (
          <Tensor key={spec.name} spec={spec} values={values} onChange={(texts) => set(spec.name, texts)} />
        ))}
    </div>
  );
}

type TensorProps = { spec: TensorSpec; values: FormValues; onChange: (texts: readonly string[]) => void };

function Tensor({ spec, values, onChange }: TensorProps) {
  const texts = values[spec.name] ?? [];
  const problem = problemOf(spec, values);
  const shape = `${spec.datatype} [${spec.shape.map((size) => (size < 0 ? 'any' : size)).join(', ')}]`;
  if (kindOf(spec) === 'text')
    return (
      <div className="col-span-full">
        <TextArea
          label={spec.name}
          help={`${shape}: values between commas, spaces or line ends, or nested JSON lists`}
          error={problem?.text ?? null}
          rows={6}
          mono
          value={texts[0] ?? ''}
          onChange={(text) => onChange([text])}
        />
      </div>
    );
  return (
    <fieldset className="col-span-full min-w-0">
      <legend className="mb-1 text-xs font-medium text-ink-2">
        {spec.name} <span className="font-normal text-ink-3">{shape}</span>
      </legend>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(84px,1fr))] gap-2">
        {texts.map((text, at) => (
          <Cell
            // biome-ignore lint/suspicious/noArrayIndexKey: a value is its place.
            key={at}
            spec={spec}
            label={`${spec.name}[${at}]`}
            hideLabel
            text={text}
            problem={problem?.at === at ? problem.text : null}
            onChange={(next) => onChange(texts.map((one, i) => (i === at ? next : one)))}
          />
        ))}
      </div>
      {problem && problem.at === null ? <p className="mt-1 text-xs text-bad">{problem.text}</p> : null}
    </fieldset>
  );
}

type CellProps = {
  spec: TensorSpec;
  label: string;
  hideLabel?: boolean;
  help?: string;
  text: string;
  problem: string | null;
  onChange: (text: string) => void;
};

function Cell({ spec, label, hideLabel = false, help, text, problem, onChange }: CellProps) {
  const shared = { label, hideLabel, ...(help ? { help } : {}), error: problem };
  if (spec.datatype === 'BOOL')
    return (
      <Select
        {...shared}
        value={text === 'true' ? 'true' : 'false'}
        onChange={onChange}
        options={[
          { value: 'true', label: 'true' },
          { value: 'false', label: 'false' },
        ]}
      />
    );
  const number = spec.datatype !== 'BYTES';
  return (
    <TextField
      {...shared}
      value={text}
      onChange={onChange}
      mono={number}
      autoComplete="off"
      {...(number ? { inputMode: 'decimal' as const, placeholder: 'missing' } : {})}
    />
  );
}

function problemOf(spec: TensorSpec, values: FormValues) {
  const tensor = tensorOf(spec, values[spec.name] ?? []);
  return 'problem' in tensor ? tensor.problem : null;
}
