import { css } from '@emotion/css';
import type { DataSourceApi, GrafanaTheme2, QueryEditorProps } from '@grafana/data';
import { Field, Input, TextArea, useStyles2 } from '@grafana/ui';

import type { InfluxQuery } from './data-source';

/** The text editor of InfluxQL, which saves at each key and runs when it is left, as that of Grafana. */
export function InfluxQueryEditor({
  query,
  onChange,
  onRunQuery,
}: QueryEditorProps<DataSourceApi<InfluxQuery>, InfluxQuery>): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.editor}>
      <Field noMargin label="Query" htmlFor="influxdb-query">
        <TextArea
          id="influxdb-query"
          className={styles.text}
          rows={3}
          spellCheck={false}
          value={query.query ?? ''}
          onChange={(event) => onChange({ ...query, query: event.currentTarget.value })}
          onBlur={onRunQuery}
        />
      </Field>
      <Field noMargin label="Alias" htmlFor="influxdb-alias">
        <Input
          id="influxdb-alias"
          placeholder="measurement, field and tags"
          value={query.alias ?? ''}
          onChange={(event) => onChange({ ...query, alias: event.currentTarget.value })}
          onBlur={onRunQuery}
        />
      </Field>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    editor: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5), minWidth: 0 }),
    text: css({ fontFamily: theme.typography.fontFamilyMonospace, fontSize: theme.typography.bodySmall.fontSize }),
  };
}
