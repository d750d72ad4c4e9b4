/** The renderer's entry: the same in the desktop window and in a browser tab. */
import './theme.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { tellHost } from '../lib/host.ts';
import { queryClient } from '../lib/query.ts';
import { TooltipProvider } from '../ui/Tooltip.tsx';
import { App } from './App.tsx';

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <TooltipProvider>
          <App />
        </TooltipProvider>
      </QueryClientProvider>
    </StrictMode>,
  );

// The host measures how long it takes until a view shows real data.
const stop = queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== 'updated' || event.action.type !== 'success') return;
  stop();
  requestAnimationFrame(() => tellHost({ lathe: 'interactive' }));
});
