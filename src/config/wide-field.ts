/** The style of a field whose description is as wide as the section. Grafana's own limit is 480 pixels. */
export const wideField = { maxWidth: '100%', '& > *': { maxWidth: '100%' } } as const;
