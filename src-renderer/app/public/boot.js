// Runs before the first paint: fixes theme and density on <html>. The desktop's preload knows the
// setting; a browser tab remembers the last one. 'system' is left to the style sheet.
(() => {
  const remembered = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const theme = window.lathe?.theme ?? remembered('lathe.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  if (remembered('lathe.density') === 'compact') document.documentElement.dataset.density = 'compact';
})();
