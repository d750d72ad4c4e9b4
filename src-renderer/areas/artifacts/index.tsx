/** Files of runs: the panel of one run, and what shows one file anywhere. */
export { ArtifactsPanel } from './artifacts-panel.tsx';
export { FileView } from './file-view.tsx';
export { ImageView } from './image-view.tsx';
export { useFile } from './use-file.ts';
