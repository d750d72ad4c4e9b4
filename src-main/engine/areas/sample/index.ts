/** Door of the sample area. */
export { seedSample } from './sample.service.ts';
