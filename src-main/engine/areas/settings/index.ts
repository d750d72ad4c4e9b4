/** Door of the settings area. */
import type { Settings } from '../../../contract/settings.ts';
import type { AreaContext } from '../../context.ts';
import { settingsRoutes } from './settings.routes.ts';
import { createSettingsService } from './settings.service.ts';

export type { SettingsService } from './settings.service.ts';

/** `ports`: what the command line chose, before what is stored. */
export function createSettingsArea(context: AreaContext, options: { ports: Partial<Settings['ports']> }) {
  const settings = createSettingsService(context, options.ports);
  return { settings, routes: settingsRoutes(settings) };
}
