import { useEffect, useState } from 'react';

/** Where the focus goes first: what asks for it, else the first field, else the dialog itself. */
const FIRST = '[data-autofocus], [data-dialog-body] :is(input, select, textarea):not(:disabled)';

/**
 * Opens a native <dialog> as a modal for as long as it is mounted and gives the focus back afterwards.
 * Give the dialog tabIndex -1. Returns the ref to put on it, and the element once it is there.
 */
export function useModal(): [HTMLDialogElement | null, (element: HTMLDialogElement | null) => void] {
  const [element, setElement] = useState<HTMLDialogElement | null>(null);
  useEffect(() => {
    if (!element || element.open) return;
    const before = document.activeElement;
    element.showModal();
    (element.querySelector<HTMLElement>(FIRST) ?? element).focus();
    return () => {
      element.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, [element]);
  return [element, setElement];
}
