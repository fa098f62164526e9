import type { GrafanaTheme2 } from '@grafana/data';

/** A list of small lines below a control. */
export function plainList(theme: GrafanaTheme2) {
  return {
    ...theme.typography.bodySmall,
    display: 'flex',
    flexDirection: 'column' as const,
    gap: theme.spacing(0.5),
    margin: 0,
    listStyle: 'none',
    color: theme.colors.text.secondary,
  };
}
