import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Preview } from '../../engine/explorer-protocol';

/** The rows that a query makes of the last messages. */
export function PreviewTable({ preview }: { preview: Preview | undefined }): React.JSX.Element {
  const styles = useStyles2(getStyles);
  if (preview === undefined || preview.rows.length === 0) {
    return <div className={styles.none}>The query makes no rows of these messages.</div>;
  }
  return (
    // A region that scrolls can be reached with the keyboard.
    <div role="region" aria-label="Result of the query" tabIndex={0} className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            {preview.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((cells, i) => (
            // Rows have no identity.
            <tr key={i}>
              {cells.map((cell, j) => (
                <td key={preview.columns[j]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    none: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
    scroll: css({ maxHeight: theme.spacing(40), overflow: 'auto' }),
    table: css({
      ...theme.typography.bodySmall,
      width: '100%',
      whiteSpace: 'nowrap',
      fontVariantNumeric: 'tabular-nums',
      '& th, & td': { padding: theme.spacing(0.25, 1), borderBottom: `1px solid ${theme.colors.border.weak}` },
    }),
  };
}
