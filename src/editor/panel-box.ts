import type { GrafanaTheme2 } from '@grafana/data';

/** The box of a part of the editor that opens below its field. */
export function panelBox(theme: GrafanaTheme2) {
  return {
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(1),
    minWidth: 0,
    padding: theme.spacing(1),
    border: `1px solid ${theme.colors.border.weak}`,
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
  } as const;
}
