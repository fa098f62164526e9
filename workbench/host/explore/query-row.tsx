import { css } from '@emotion/css';
import {
  type CoreApp,
  type DataQuery,
  type DataSourceApi,
  type GrafanaTheme2,
  LoadingState,
  type PanelData,
  type QueryEditorProps,
} from '@grafana/data';
import { Alert, Badge, IconButton, Text, useStyles2 } from '@grafana/ui';
import { type ComponentType, useState } from 'react';

import type { Plugin } from '../plugin';
import { rowErrors, rowNotices } from '../panels/notices';

interface Props {
  app: CoreApp;
  plugin: Plugin;
  datasource: DataSourceApi;
  query: DataQuery;
  queries: DataQuery[];
  data: PanelData | undefined;
  onChange: (query: DataQuery) => void;
  onRunQuery: () => void;
  onToggleHide: () => void;
  onDuplicate: () => void;
  /** Undefined for the only row. */
  onRemove?: () => void;
}

/** A query with the plugin's editor, in a frame like that of QueryEditorRow.tsx. */
export function QueryRow(props: Props): React.JSX.Element {
  const { app, plugin, datasource, query, queries, data, onChange, onRunQuery } = props;
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(true);
  const [help, setHelp] = useState(false);
  const Editor: ComponentType<QueryEditorProps<DataSourceApi>> | undefined = plugin.components.QueryEditor;
  const Help = plugin.components.QueryEditorHelp;
  return (
    <div className={styles.row} role="group" aria-label={`Query ${query.refId}`}>
      <div className={styles.header}>
        <IconButton
          name={open ? 'angle-down' : 'angle-right'}
          aria-label={open ? `Collapse query ${query.refId}` : `Expand query ${query.refId}`}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        />
        <span className={styles.refId}>{query.refId}</span>
        <span className={styles.source}>
          <Text color="secondary" variant="bodySmall" truncate>
            {open ? datasource.name : (datasource.getQueryDisplayText?.(query) ?? datasource.name)}
          </Text>
        </span>
        <RowNotices severity="warning" texts={rowNotices(data, query.refId, 'warning')} />
        <RowNotices severity="info" texts={rowNotices(data, query.refId, 'info')} />
        <div className={styles.actions}>
          {Help && (
            <IconButton
              name="question-circle"
              tooltip={help ? 'Hide help' : 'Show help'}
              aria-expanded={help}
              onClick={() => setHelp(!help)}
            />
          )}
          <IconButton name="copy" tooltip="Duplicate query" onClick={props.onDuplicate} />
          <IconButton
            name={query.hide ? 'eye-slash' : 'eye'}
            tooltip={query.hide ? 'Show response' : 'Hide response'}
            aria-pressed={Boolean(query.hide)}
            onClick={props.onToggleHide}
          />
          <IconButton name="trash-alt" tooltip="Remove query" disabled={!props.onRemove} onClick={props.onRemove} />
        </div>
      </div>
      {open && (
        <div className={styles.body}>
          {Help && help && (
            <Help
              datasource={datasource}
              query={query}
              onClickExample={(example) => {
                onChange(example);
                onRunQuery();
              }}
            />
          )}
          {Editor && (
            <Editor
              datasource={datasource}
              app={app}
              query={query}
              queries={queries}
              data={data && forRow(data, query.refId)}
              range={data?.timeRange}
              onChange={onChange}
              onRunQuery={onRunQuery}
            />
          )}
          {rowErrors(data, query.refId).map((text) => (
            <Alert key={text} severity="error" title={text} bottomSpacing={0} />
          ))}
        </div>
      )}
    </div>
  );
}

/** Grafana's badge for the notices of a response. */
function RowNotices({ severity, texts }: { severity: 'warning' | 'info'; texts: string[] }): React.JSX.Element | null {
  if (texts.length === 0) {
    return null;
  }
  return (
    <Badge
      color={severity === 'warning' ? 'orange' : 'blue'}
      icon={severity === 'warning' ? 'exclamation-triangle' : 'info-circle'}
      text={`${texts.length} ${severity === 'warning' ? 'warning' : 'notice'}${texts.length === 1 ? '' : 's'}`}
      tooltip={texts.join('\n')}
    />
  );
}

/** The panel's data for one editor: only its own frames, and Error only for its own errors (filterPanelDataToQuery). */
function forRow(data: PanelData, refId: string): PanelData {
  const error =
    data.errors?.find((each) => each.refId === refId) ?? (data.error?.refId === refId ? data.error : undefined);
  const state = data.state === LoadingState.Error && !error ? LoadingState.Done : data.state;
  return {
    ...data,
    state,
    error,
    errors: error && [error],
    series: data.series.filter((frame) => frame.refId === refId),
  };
}

function getStyles(theme: GrafanaTheme2) {
  return {
    row: css({
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      background: theme.colors.background.primary,
      minWidth: 0,
    }),
    header: css({
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(1),
      minHeight: theme.spacing(4),
      padding: theme.spacing(0.5, 1),
      background: theme.colors.background.secondary,
      borderRadius: theme.shape.radius.default,
    }),
    refId: css({ color: theme.colors.text.link, fontWeight: theme.typography.fontWeightMedium }),
    source: css({ display: 'flex', minWidth: 0, fontStyle: 'italic' }),
    actions: css({ display: 'flex', alignItems: 'center', gap: theme.spacing(0.5), marginLeft: 'auto' }),
    body: css({
      display: 'flex',
      flexDirection: 'column',
      gap: theme.spacing(2),
      padding: theme.spacing(1.5, 2, 2),
    }),
  };
}
