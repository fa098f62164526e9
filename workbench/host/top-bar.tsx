import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import {
  Badge,
  type BadgeColor,
  type IconName,
  Text,
  ToolbarButton,
  Tooltip,
  useStyles2,
  useTheme2,
} from '@grafana/ui';

import { type Health, useHealth } from './health';
import { useWorkbench } from './workbench-context';

const CHIPS: Readonly<Record<Health, { text: string; color: BadgeColor; icon: IconName; details: string }>> = {
  connecting: { text: 'Connecting', color: 'blue', icon: 'sync', details: 'No answer yet' },
  waiting: {
    text: 'Waiting for data',
    color: 'blue',
    icon: 'hourglass',
    details: 'Subscribed; no message has arrived yet',
  },
  live: { text: 'Live', color: 'green', icon: 'rss', details: 'Messages are arriving' },
  paused: { text: 'Paused', color: 'orange', icon: 'pause', details: 'No panel is subscribed' },
  empty: { text: 'No query', color: 'blue', icon: 'pen', details: 'No panel has a query with a topic' },
  error: { text: 'Error', color: 'red', icon: 'exclamation-triangle', details: 'A panel has an error' },
};

/** Name, navigation, and the state of the connection. */
export function TopBar({ onToggleTheme }: { onToggleTheme: () => void }): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const { dataSources, params } = useWorkbench();
  const { meta } = dataSources;
  const other = theme.isDark ? 'light' : 'dark';
  return (
    <header className={styles.bar}>
      <img src={`${meta.baseUrl}${meta.info.logos.small}`} alt="" className={styles.logo} />
      <div className={styles.name}>
        <Text weight="medium" truncate>
          {meta.name}
        </Text>
        <span className={styles.wide}>
          <Text color="secondary" variant="bodySmall">
            {meta.info.version} · workbench
          </Text>
        </span>
      </div>
      {params.view === 'all' && (
        <nav aria-label="Parts of the workbench" className={styles.nav}>
          <a href="#dashboard">Dashboard</a>
          <a href="#explore">Explore</a>
          <a href="#settings">Settings</a>
        </nav>
      )}
      <div className={styles.end}>
        {params.view !== 'config' && <ConnectionChip />}
        <ToolbarButton
          icon={<ThemeIcon dark={theme.isDark} />}
          tooltip={`Switch to ${other} theme`}
          aria-label={`Switch to ${other} theme`}
          onClick={onToggleTheme}
        />
      </div>
    </header>
  );
}

function ConnectionChip(): React.JSX.Element {
  const { dataSources, health: monitor } = useWorkbench();
  const { health, reason } = useHealth(monitor);
  const chip = CHIPS[health];
  return (
    <Tooltip content={`${reason ?? chip.details} – ${dataSources.settings.url}`}>
      {/* A live region: the text changes without user input. */}
      <span role="status" aria-label="Connection">
        <Badge text={chip.text} color={chip.color} icon={chip.icon} />
      </span>
    </Tooltip>
  );
}

/** A sun in the dark theme and a moon in the light one; Grafana's icons have neither. */
function ThemeIcon({ dark }: { dark: boolean }): React.JSX.Element {
  const rays =
    'M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M4.9 4.9l1.8 1.8M17.3 17.3l1.8 1.8M4.9 19.1l1.8-1.8M17.3 6.7l1.8-1.8';
  return (
    <svg
      viewBox="0 0 24 24"
      width="16"
      height="16"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      aria-hidden
    >
      {dark && <circle cx="12" cy="12" r="4" />}
      <path d={dark ? rays : 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z'} strokeLinejoin="round" />
    </svg>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    bar: css({
      position: 'sticky',
      top: 0,
      zIndex: theme.zIndex.navbarFixed,
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(1),
      height: theme.spacing(6),
      padding: theme.spacing(0, 2),
      background: theme.colors.background.primary,
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    }),
    logo: css({ width: theme.spacing(3), height: theme.spacing(3) }),
    name: css({ display: 'flex', alignItems: 'baseline', gap: theme.spacing(1), minWidth: 0, whiteSpace: 'nowrap' }),
    wide: css({ [theme.breakpoints.down('sm')]: { display: 'none' } }),
    nav: css({
      display: 'flex',
      gap: theme.spacing(0.5),
      marginLeft: theme.spacing(2),
      [theme.breakpoints.down('md')]: { display: 'none' },
      '& a': {
        padding: theme.spacing(0.5, 1),
        borderRadius: theme.shape.radius.default,
        color: theme.colors.text.secondary,
        '&:hover, &:focus-visible': { color: theme.colors.text.primary, background: theme.colors.action.hover },
      },
    }),
    end: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(1), marginLeft: 'auto' }),
  };
}
