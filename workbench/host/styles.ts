/** Styles of a flex column with this gap. */
export function column(gap: string) {
  return { display: 'flex', flexDirection: 'column', gap } as const;
}
