import { css } from '@emotion/css';
import {
  type CoreApp,
  type DataSourceApi,
  type DataSourceInstanceSettings,
  DataSourcePluginContextProvider,
  type GrafanaTheme2,
  type TimeRange,
} from '@grafana/data';
import { DataSourcePicker, getDataSourceSrv } from '@grafana/runtime';
import { Alert, ErrorBoundaryAlert, Field, LoadingPlaceholder, useStyles2 } from '@grafana/ui';
import { useEffect, useState } from 'react';
import type { BackfillChoice } from '../types';
import { messageOf } from '../utils/errors';
import { FieldLabel } from './FieldLabel';
import { HELP } from './help';

interface Props {
  id: string;
  choice: BackfillChoice | undefined;
  app: CoreApp | undefined;
  range: TimeRange | undefined;
  onChange: (choice: BackfillChoice | undefined) => void;
  onRunQuery: () => void;
}

/** Data sources of Grafana itself that have no rows of their own. */
const WITHOUT_ROWS = ['mixed', 'dashboard', '__expr__', 'grafana'];

/** The choice of a data source, and below it the query editor of that data source. */
export function BackfillEditor({ id, choice, app, range, onChange, onRunQuery }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);

  async function choose({ uid, type }: DataSourceInstanceSettings): Promise<void> {
    const datasource = { uid, type };
    // A data source of the same type reads the same query, as when the data source of a panel is changed.
    if (choice !== undefined && choice.datasource.type === type) {
      onChange({ ...choice, datasource });
    } else {
      // Without its defaults if the data source cannot be loaded; its error is shown below.
      const source = await getDataSourceSrv()
        .get(datasource)
        .catch(() => undefined);
      onChange({ datasource, query: { ...source?.getDefaultQuery?.(app!), refId: 'A' } });
    }
    onRunQuery();
  }

  return (
    <div className={styles.content}>
      <Field noMargin htmlFor={id} label={<FieldLabel htmlFor={id} label="Data source" help={HELP.backfill} />}>
        <div className={styles.picker}>
          <DataSourcePicker
            inputId={id}
            noDefault
            current={choice?.datasource ?? null}
            placeholder="None"
            filter={hasRows}
            onChange={(settings) => void choose(settings)}
            onClear={() => {
              onChange(undefined);
              onRunQuery();
            }}
          />
          <div className={styles.description}>
            Its rows come before the oldest row of each series. Series are matched by labels and names.
          </div>
        </div>
      </Field>
      {choice !== undefined && (
        <OtherEditor choice={choice} app={app} range={range} onChange={onChange} onRunQuery={onRunQuery} />
      )}
    </div>
  );
}

/** Data sources of this plugin have no older rows for each other. */
function hasRows({ meta }: DataSourceInstanceSettings): boolean {
  return meta.id !== 'mqttstream-websocket-datasource' && !WITHOUT_ROWS.includes(meta.id);
}

/** The query editor of another data source, as `-- Mixed --` shows it. */
function OtherEditor({
  choice,
  app,
  range,
  onChange,
  onRunQuery,
}: Omit<Props, 'id' | 'choice'> & { choice: BackfillChoice }): React.JSX.Element | null {
  const styles = useStyles2(getStyles);
  const { datasource: ref, query } = choice;
  const { source, error } = useDataSource(ref);
  if (error !== undefined) {
    return <Alert severity="error" title={error} bottomSpacing={0} />;
  }
  if (source === undefined) {
    return <LoadingPlaceholder text="Loading" />;
  }
  const Editor = source.components?.QueryEditor;
  const settings = getDataSourceSrv().getInstanceSettings(ref);
  if (Editor === undefined || settings === undefined) {
    return <Alert severity="warning" title={`${source.name} has no query editor.`} bottomSpacing={0} />;
  }
  return (
    <div className={styles.editor} role="group" aria-label={`Query of ${source.name}`}>
      <DataSourcePluginContextProvider instanceSettings={settings}>
        <ErrorBoundaryAlert>
          <Editor
            key={source.uid}
            datasource={source}
            query={{ ...source.getDefaultQuery?.(app!), ...query }}
            queries={[query]}
            app={app}
            range={range}
            onChange={(next) => onChange({ datasource: ref, query: next })}
            onRunQuery={onRunQuery}
          />
        </ErrorBoundaryAlert>
      </DataSourcePluginContextProvider>
    </div>
  );
}

function useDataSource({ uid, type }: BackfillChoice['datasource']): { source?: DataSourceApi; error?: string } {
  const [found, setFound] = useState<{ uid: string | undefined; source?: DataSourceApi; error?: string }>();
  useEffect(() => {
    let closed = false;
    const set = (result: { source: DataSourceApi } | { error: string }): void => {
      if (!closed) {
        setFound({ uid, ...result });
      }
    };
    getDataSourceSrv()
      .get({ uid, type })
      .then(
        (source) => set({ source }),
        (error: unknown) => set({ error: messageOf(error) })
      );
    return () => {
      closed = true;
    };
  }, [uid, type]);
  return found !== undefined && found.uid === uid ? found : {};
}

function getStyles(theme: GrafanaTheme2) {
  return {
    content: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), minWidth: 0 }),
    picker: css({ maxWidth: theme.spacing(50) }),
    description: css({
      ...theme.typography.bodySmall,
      marginTop: theme.spacing(0.5),
      color: theme.colors.text.secondary,
    }),
    editor: css({
      borderLeft: `2px solid ${theme.colors.border.medium}`,
      paddingLeft: theme.spacing(2),
      minWidth: 0,
    }),
  };
}
