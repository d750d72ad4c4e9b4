/**
 * The one Action registry. The menu bar (desktop), the shortcuts and the command palette (both hosts) are made
 * from this list; what an action does is the renderer's business, looked up by its id.
 */

export type ActionGroup = 'File' | 'Go' | 'View' | 'Serving' | 'Help';

export type Action = {
  id: string;
  /** Sentence case, a verb first: it is read alone in the palette. */
  title: string;
  group: ActionGroup;
  /** "Mod" is Command on macOS and Control elsewhere. Null: no shortcut. */
  keys: string | null;
  /** Shown and enabled only where `hello.host[needs]` is true. */
  needs: 'workspaces' | null;
};

const action = <Id extends string>(
  id: Id,
  title: string,
  group: ActionGroup,
  keys: string | null = null,
  needs: Action['needs'] = null,
) => ({ id, title, group, keys, needs }) as const satisfies Action;

export const ACTIONS = [
  action('palette.open', 'Open the command palette', 'View', 'Mod+K'),
  action('model.import', 'Import a model', 'File', 'Mod+I'),
  action('trash.empty', 'Empty the trash', 'File'),
  action('workspace.open', 'Open another workspace', 'File', 'Mod+O', 'workspaces'),
  action('workspace.create', 'Create a workspace', 'File', 'Mod+Shift+N', 'workspaces'),
  action('workspace.sample', 'Open a fresh sample workspace', 'File', null, 'workspaces'),
  action('go.overview', 'Go to Overview', 'Go', 'Mod+1'),
  action('go.experiments', 'Go to Experiments', 'Go', 'Mod+2'),
  action('go.compare', 'Compare runs', 'Go'),
  action('go.datasets', 'Go to Datasets', 'Go'),
  action('go.models', 'Go to Models', 'Go', 'Mod+3'),
  action('go.serving', 'Go to Serving', 'Go', 'Mod+4'),
  action('go.monitoring', 'Go to Monitoring', 'Go', 'Mod+5'),
  action('go.alerts', 'Go to Alerts', 'Go', 'Mod+Shift+A'),
  action('go.rules', 'Go to alert rules', 'Go'),
  action('go.activity', 'Go to Activity', 'Go', 'Mod+6'),
  action('go.trash', 'Go to Trash', 'Go'),
  action('go.settings', 'Go to Settings', 'Go', 'Mod+,'),
  action('theme.system', 'Use the system theme', 'View'),
  action('theme.light', 'Use the light theme', 'View'),
  action('theme.dark', 'Use the dark theme', 'View'),
  action('replay.toggle', 'Start or pause the replay', 'Serving', 'Mod+Shift+R'),
  action('replay.rewind', 'Rewind the replay to the beginning', 'Serving'),
  action('alert.rule', 'Make an alert rule', 'Serving'),
  action('help.shortcuts', 'Show the keyboard shortcuts', 'Help', 'Mod+/'),
  action('help.diagnostics', 'Copy diagnostics', 'Help'),
] as const;

export type ActionId = (typeof ACTIONS)[number]['id'];
