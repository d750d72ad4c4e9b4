import { X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import type { ErrorReport } from '../../src-main/contract/errors.ts';
import { Button, IconButton } from './Button.tsx';
import { cx } from './cx.ts';
import { FailureCallout } from './FailureCallout.tsx';
import { LayerContext } from './layer.ts';
import { useModal } from './use-modal.ts';

export type DialogProps = {
  open: boolean;
  onClose(): void;
  title: string;
  description?: ReactNode;
  /** Buttons, right to left in importance: the last one is the main one. */
  footer?: ReactNode;
  width?: 'sm' | 'md' | 'lg';
  children?: ReactNode;
};

const WIDTHS = { sm: 'w-[420px]', md: 'w-[560px]', lg: 'w-[820px]' } as const;

/** A modal on the native <dialog>: it keeps the focus, makes the rest inert, and Escape closes it. */
export function Dialog({ open, ...rest }: DialogProps) {
  return open ? <OpenDialog {...rest} /> : null;
}

function OpenDialog({
  onClose,
  title,
  description,
  footer,
  width = 'md',
  children,
}: Omit<DialogProps, 'open'>) {
  const id = useId();
  const [element, ref] = useModal();
  return (
    <dialog
      ref={ref}
      tabIndex={-1}
      aria-labelledby={id}
      aria-describedby={description ? `${id}-text` : undefined}
      onCancel={(event) => {
        // A file chooser that is left without a choice cancels its input, and that event bubbles up to here.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
      className={cx(
        'lathe-dialog max-h-[85vh] max-w-[calc(100vw-48px)] flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-2xl open:flex',
        WIDTHS[width],
      )}
    >
      <LayerContext.Provider value={element}>
        <header className="flex items-start gap-2 px-4 pt-3.5 pb-2">
          <div className="min-w-0 flex-1">
            <h2 id={id} className="text-lg">
              {title}
            </h2>
            {description && (
              <p id={`${id}-text`} className="text-ink-2">
                {description}
              </p>
            )}
          </div>
          <IconButton icon={X} label="Close" size="sm" onClick={onClose} />
        </header>
        {children && (
          <div data-dialog-body="" className="min-h-0 flex-1 overflow-auto px-4 py-2">
            {children}
          </div>
        )}
        {footer && (
          <footer className="mt-2 flex justify-end gap-2 border-t border-line bg-canvas px-4 py-2.5">
            {footer}
          </footer>
        )}
      </LayerContext.Provider>
    </dialog>
  );
}

export type ConfirmDialogProps = {
  open: boolean;
  onClose(): void;
  onConfirm(): void;
  /** A question: "Delete the endpoint flight-delay?" */
  title: string;
  /** What will happen, and whether it can be taken back. */
  children: ReactNode;
  /** The verb, as on the button that opened it: "Delete". */
  confirm: string;
  danger?: boolean;
  busy?: boolean;
  /** Why it did not work: a toast would be behind the dialog, out of reach. */
  failure?: ErrorReport | null;
};

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onClose, onConfirm, title, children, confirm, danger, busy, failure } = props;
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={title}
      description={children}
      width="sm"
      footer={
        <>
          <Button onClick={onClose} data-autofocus={danger ? '' : undefined}>
            Cancel
          </Button>
          <Button
            variant={danger ? 'danger' : 'primary'}
            onClick={onConfirm}
            busy={busy ?? false}
            data-autofocus={danger ? undefined : ''}
          >
            {confirm}
          </Button>
        </>
      }
    >
      {failure ? <FailureCallout report={failure} /> : null}
    </Dialog>
  );
}
