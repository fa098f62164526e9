import { css } from '@emotion/css';
import { type CoreApp, type DataQuery, type GrafanaTheme2, type PanelData } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import { useRef, useState, useSyncExternalStore } from 'react';

import { useWorkbench } from '../workbench-context';
import { nextRefId, replaceAt, type Row } from './queries';
import { QueryRow } from './query-row';

interface Props {
  app: CoreApp;
  /** The queries at the start; later ones are the editors'. */
  queries: DataQuery[];
  data: PanelData | undefined;
  onChange: (queries: DataQuery[]) => void;
  onRunQueries: () => void;
  /** To the right of the button. */
  beside?: React.ReactNode;
}

/** The queries of a panel, each with the plugin's editor, and a button that adds another one. */
export function QueryRows({ app, queries, data, onChange, onRunQueries, beside }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { dataSources } = useWorkbench();
  useSyncExternalStore(dataSources.subscribe, dataSources.revision);
  const datasource = dataSources.instance();
  const [rows, setRows] = useState<Row[]>(() => queries.map((query, key) => ({ key, query })));
  // onChange and onRunQuery are called in one event, before React has rendered the change.
  const latest = useRef(rows);
  const nextKey = useRef(rows.length);

  const edit = (changed: Row[]) => {
    latest.current = changed;
    setRows(changed);
    onChange(changed.map(({ query }) => query));
  };
  const editAndRun = (changed: Row[]) => {
    edit(changed);
    onRunQueries();
  };
  const add = (query: Partial<DataQuery>) => {
    const defaults = datasource.getDefaultQuery?.(app);
    editAndRun([
      ...latest.current,
      { key: nextKey.current++, query: { ...defaults, ...query, refId: nextRefId(latest.current) } },
    ]);
  };
  return (
    <div className={styles.rows}>
      {rows.map(({ key, query }) => (
        <QueryRow
          key={key}
          app={app}
          plugin={dataSources.plugin}
          datasource={datasource}
          query={query}
          queries={rows.map((row) => row.query)}
          data={data}
          onChange={(changed) => edit(replaceAt(latest.current, key, changed))}
          onRunQuery={onRunQueries}
          onToggleHide={() => editAndRun(replaceAt(latest.current, key, { ...query, hide: !query.hide }))}
          onDuplicate={() => add(query)}
          onRemove={rows.length > 1 ? () => editAndRun(latest.current.filter((row) => row.key !== key)) : undefined}
        />
      ))}
      <div className={styles.below}>
        <Button variant="secondary" icon="plus" onClick={() => add({})}>
          Add query
        </Button>
        {beside}
      </div>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    rows: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), minWidth: 0 }),
    below: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      justifyContent: 'space-between',
      gap: theme.spacing(1, 2),
    }),
  };
}
