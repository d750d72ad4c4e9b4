import {
  CircleHelp,
  ClipboardCopy,
  Keyboard,
  type LucideIcon,
  Monitor,
  Moon,
  PanelLeft,
  Search,
  Sun,
} from 'lucide-react';
import { ACTIONS, type ActionId } from '../../src-main/contract/actions.ts';
import type { Hello } from '../../src-main/contract/workspace.ts';
import { setView, useViewStore } from '../lib/store.ts';
import { Badge } from '../ui/Badge.tsx';
import { IconButton } from '../ui/Button.tsx';
import { Kbd } from '../ui/Kbd.tsx';
import { Mark } from '../ui/Mark.tsx';
import { Menu, type MenuItem } from '../ui/Menu.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import { runAction } from './actions.ts';

export function TopBar({ hello }: { hello: Hello }) {
  const collapsed = useViewStore((state) => state.sidebarCollapsed);
  const { workspace } = hello;
  return (
    <header className="col-span-2 grid h-10 grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] items-center gap-3 border-b border-line bg-canvas pr-2 pl-3">
      <div className="flex min-w-0 items-center gap-2">
        <Mark />
        <IconButton
          icon={PanelLeft}
          label={collapsed ? 'Unfold the sidebar' : 'Fold the sidebar'}
          size="sm"
          aria-expanded={!collapsed}
          onClick={() => setView({ sidebarCollapsed: !collapsed })}
        />
        <Tooltip label={workspace.path}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the path must be readable by keyboard. */}
          <span tabIndex={0} className="ml-1 truncate rounded-xs font-medium">
            {workspace.name}
          </span>
        </Tooltip>
        {workspace.sample && <Badge>Sample</Badge>}
      </div>
      <button
        type="button"
        onClick={() => setView({ paletteOpen: true })}
        className="flex h-7 w-[min(380px,34vw)] items-center gap-2 rounded-sm border border-line bg-inset px-2 text-ink-3 hover:border-line-strong hover:text-ink-2"
      >
        <Search size={13} aria-hidden="true" />
        <span className="flex-1 truncate text-left">Search or run a command</span>
        <Kbd keys="Mod+K" />
      </button>
      <div className="flex justify-end">
        <AppMenu />
      </div>
    </header>
  );
}

/** What a browser tab has no menu bar for. */
function AppMenu() {
  return (
    <Menu
      trigger={<IconButton icon={CircleHelp} label="Theme and help" size="sm" />}
      items={[
        item('theme.system', Monitor),
        item('theme.light', Sun),
        item('theme.dark', Moon),
        'separator',
        item('help.shortcuts', Keyboard),
        item('help.diagnostics', ClipboardCopy),
      ]}
    />
  );
}

function item(id: ActionId, icon: LucideIcon): MenuItem {
  const action = ACTIONS.find((one) => one.id === id);
  return {
    id,
    icon,
    label: action?.title ?? id,
    ...(action?.keys ? { keys: action.keys } : {}),
    run: () => void runAction(id),
  };
}
