import type { GrafanaTheme2 } from '@grafana/data';

/** The style of a line of small text and buttons that wraps on narrow screens. @param gap in units of the theme. */
export function wrappingLine(theme: GrafanaTheme2, gap: number) {
  return {
    ...theme.typography.bodySmall,
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: theme.spacing(gap),
    color: theme.colors.text.secondary,
  } as const;
}
