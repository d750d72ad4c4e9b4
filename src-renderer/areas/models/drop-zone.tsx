import { Upload } from 'lucide-react';
import { type DragEvent, type ReactNode, useRef, useState } from 'react';

/** Takes a file that is dropped anywhere on it; the keyboard's way is the button beside. */
export function DropZone({
  label,
  onFile,
  children,
}: {
  label: string;
  onFile: (file: File) => void;
  children: ReactNode;
}) {
  const [over, setOver] = useState(false);
  // Enter and leave come for every child too; only their balance says whether the pointer is still inside.
  const depth = useRef(0);
  const carriesFile = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  const end = () => {
    depth.current = 0;
    setOver(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way beside the button.
    <div
      className="relative h-full"
      onDragEnter={(event) => {
        if (!carriesFile(event)) return;
        depth.current++;
        setOver(true);
      }}
      onDragOver={(event) => {
        if (carriesFile(event)) event.preventDefault();
      }}
      onDragLeave={() => {
        if (--depth.current <= 0) end();
      }}
      onDrop={(event) => {
        if (!carriesFile(event)) return;
        event.preventDefault();
        end();
        const file = event.dataTransfer.files[0];
        if (file) onFile(file);
      }}
    >
      {children}
      {over ? (
        <div className="pointer-events-none absolute inset-3 z-30 grid place-items-center rounded-lg border-2 border-dashed border-accent bg-accent-soft/90">
          <p className="flex items-center gap-2 text-md font-medium text-accent">
            <Upload size={18} aria-hidden="true" />
            {label}
          </p>
        </div>
      ) : null}
    </div>
  );
}
