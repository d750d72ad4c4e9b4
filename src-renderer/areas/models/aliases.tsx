import { Badge } from '../../ui/Badge.tsx';

export function Aliases({ names }: { names: readonly string[] }) {
  return (
    <span className="inline-flex gap-1">
      {names.map((name) => (
        <Badge key={name} tone="accent">
          @{name}
        </Badge>
      ))}
    </span>
  );
}
