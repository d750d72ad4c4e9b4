/** Whether the window is narrow: tables then leave out what is told elsewhere too. */
import { useSyncExternalStore } from 'react';

const QUERY = '(max-width: 1180px)';

export const useNarrow = (): boolean =>
  useSyncExternalStore(subscribe, () => window.matchMedia(QUERY).matches);

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia(QUERY);
  media.addEventListener('change', listener);
  return () => media.removeEventListener('change', listener);
}
