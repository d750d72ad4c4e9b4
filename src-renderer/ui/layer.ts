/**
 * Where floating things are put. Inside a native modal dialog everything outside is inert and below, so
 * menus and tooltips of a dialog must live in it.
 */
import { createContext, useContext } from 'react';

export const LayerContext = createContext<HTMLElement | null>(null);

export const useLayer = (): HTMLElement | null => useContext(LayerContext);
