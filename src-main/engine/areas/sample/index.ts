/** Door of the sample area. */
export { startMinutesLate } from './minutes-late.ts';
export { seedSample } from './sample.service.ts';
