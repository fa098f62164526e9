import type { GrafanaTheme2 } from '@grafana/data';

/** A button within a line of text, that puts what it says into the query. */
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
