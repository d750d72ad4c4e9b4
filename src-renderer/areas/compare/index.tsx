/** Runs side by side. */
export { ComparePage as View } from './compare-page.tsx';
