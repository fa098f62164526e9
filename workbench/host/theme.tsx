import { createTheme, type GrafanaTheme2, ThemeContext } from '@grafana/data';
import { config } from '@grafana/runtime';
import { GlobalStyles } from '@grafana/ui';
import { useEffect, useMemo, useState } from 'react';

import type { ThemeMode } from './params';

const STORED = 'workbench.theme';
const DARK = matchMedia('(prefers-color-scheme: dark)');

interface ThemeState {
  theme: GrafanaTheme2;
  toggle: () => void;
}

/** The theme in the address; else the choice in this tab; else the system's theme, also when it changes. */
export function useWorkbenchTheme(preset: ThemeMode | undefined): ThemeState {
  const [chosen, setChosen] = useState<ThemeMode | undefined>(() => preset ?? storedMode());
  const [system, setSystem] = useState<ThemeMode>(DARK.matches ? 'dark' : 'light');
  useEffect(() => {
    const follow = () => setSystem(DARK.matches ? 'dark' : 'light');
    DARK.addEventListener('change', follow);
    return () => DARK.removeEventListener('change', follow);
  }, []);

  const mode = chosen ?? system;
  const theme = useMemo(() => createTheme({ colors: { mode } }), [mode]);
  useEffect(() => {
    // Plugins may read the theme outside React; the browser draws scroll bars and form controls by colorScheme.
    config.theme2 = theme;
    document.documentElement.style.colorScheme = mode;
    document.documentElement.style.background = theme.colors.background.canvas;
  }, [theme, mode]);

  const toggle = () => {
    const next = mode === 'dark' ? 'light' : 'dark';
    sessionStorage.setItem(STORED, next);
    setChosen(next);
  };
  return { theme, toggle };
}

function storedMode(): ThemeMode | undefined {
  const stored = sessionStorage.getItem(STORED);
  return stored === 'light' || stored === 'dark' ? stored : undefined;
}

export function Themed({ theme, children }: { theme: GrafanaTheme2; children: React.ReactNode }): React.JSX.Element {
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      {children}
    </ThemeContext.Provider>
  );
}
