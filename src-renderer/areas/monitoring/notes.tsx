/** What a careful reader should know, folded so that figures come first. */
export function Notes({ title, notes }: { title: string; notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <details className="text-xs text-ink-2">
      <summary className="w-fit cursor-pointer rounded-xs text-accent">{title}</summary>
      <ul className="mt-1 flex list-disc flex-col gap-0.5 pl-4">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </details>
  );
}
