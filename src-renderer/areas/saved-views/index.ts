/** Door of saved views. */
export { ViewsMenu } from './views-menu.tsx';
