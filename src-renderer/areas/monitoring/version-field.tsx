import { Select } from '../../ui/Select.tsx';

type VersionFieldProps = { versions: readonly string[]; value: string; onChange: (version: string) => void };

export const VersionField = ({ versions, value, onChange }: VersionFieldProps) => (
  <Select
    label="Of version"
    value={value}
    onChange={onChange}
    disabled={versions.length < 2}
    options={versions.map((version) => ({ value: version, label: `v${version}` }))}
  />
);
