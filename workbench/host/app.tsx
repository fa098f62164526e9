import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { ErrorBoundaryAlert, PortalContainer, useStyles2 } from '@grafana/ui';

import { Dashboard } from './dashboard/dashboard';
import { Explore } from './explore/explore';
import { Modals } from './modals';
import type { View } from './params';
import { SettingsPage } from './settings/settings';
import { column } from './styles';
import { Themed, useWorkbenchTheme } from './theme';
import { TopBar } from './top-bar';
import { type Workbench, WorkbenchProvider } from './workbench-context';

export function App({ workbench }: { workbench: Workbench }): React.JSX.Element {
  const { theme, toggle } = useWorkbenchTheme(workbench.params.theme);
  return (
    <Themed theme={theme}>
      <WorkbenchProvider value={workbench}>
        <TopBar onToggleTheme={toggle} />
        <Parts view={workbench.params.view} />
        <Modals />
        <PortalContainer />
      </WorkbenchProvider>
    </Themed>
  );
}

function Parts({ view }: { view: View }): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const shows = (part: View) => view === 'all' || view === part;
  return (
    <main className={styles.main}>
      {shows('dashboard') && (
        <ErrorBoundaryAlert>
          <Dashboard />
        </ErrorBoundaryAlert>
      )}
      {shows('explore') && (
        <ErrorBoundaryAlert>
          <Explore />
        </ErrorBoundaryAlert>
      )}
      {shows('config') && (
        <ErrorBoundaryAlert>
          <SettingsPage />
        </ErrorBoundaryAlert>
      )}
    </main>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    main: css({
      ...column(theme.spacing(6)),
      // As wide as the window, like a dashboard, up to a limit: lines of text would become too long to read.
      maxWidth: 1920,
      margin: '0 auto',
      padding: theme.spacing(3, 2, 6),
      [theme.breakpoints.down('sm')]: { padding: theme.spacing(2, 1, 4) },
    }),
  };
}
