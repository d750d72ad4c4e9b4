/** Ground truth: how it comes, bringing it as a file, and sending it from a program. */
export { AddLabels } from './add-labels.tsx';
export { MaturityPanel } from './maturity-panel.tsx';
export { SendLabels } from './send-labels.tsx';
