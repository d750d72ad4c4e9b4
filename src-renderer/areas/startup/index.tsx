/** What is seen before a workspace is open: the steps of the start, or why it cannot be opened. */
export { StartupFailure } from './StartupFailure.tsx';
export { StartupProgress } from './StartupProgress.tsx';
