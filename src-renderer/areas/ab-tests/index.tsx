/** A/B tests and bandits, shown where their endpoint is. */
export { BanditPanel } from './bandit-panel.tsx';
export { AbTestView } from './test-view.tsx';
