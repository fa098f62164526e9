import type { GrafanaTheme2 } from '@grafana/data';

/** The style of a button within a line of text. Its text goes into the query. */
export function textButton(theme: GrafanaTheme2) {
  return {
    padding: theme.spacing(0, 0.5),
    border: 'none',
    borderRadius: theme.shape.radius.default,
    background: 'none',
    color: theme.colors.text.link,
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: 'inherit',
    lineHeight: 'inherit',
    '&:hover': { background: theme.colors.action.hover },
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}` },
  } as const;
}
