import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { ComponentProps } from 'react';
import { FoldedSection } from '../components/FoldedSection';
import { TextField } from './fields-with-help';
import type { MqttQuery, PathKind, QueryDiagnostics } from '../types';
import { FieldsList } from './FieldsList';
import { FormatOptionsFields } from './FormatOptionsFields';
import { LabelsList } from './LabelsList';
import { MappingsList } from './MappingsList';
import { withChoices, withField } from './query-changes';
import { SelectField } from './SelectField';
import { FILLS, pivotOptions, ROWS_AS } from './select-options';
import { payloadSummary } from './summaries';
import { TimeFields } from './TimeFields';
import { HELP } from './help';

interface Props {
  id: (name: string) => string;
  query: MqttQuery;
  /** The named levels of the topic. */
  levels: readonly string[];
  /** Paths that no message has had. */
  missing?: QueryDiagnostics['missing'];
  /** Paths that messages have. */
  paths?: readonly string[] | undefined;
  /** Paths of lists in the messages. */
  lists?: readonly string[] | undefined;
  /** See {@link FoldedSection}. */
  control?: ComponentProps<typeof FoldedSection>['control'];
  onChange: (query: MqttQuery) => void;
}

/** How messages become rows: format options, fields, value mappings, labels, rows and times. */
export function PayloadSection(props: Props): React.JSX.Element {
  const { id, query, levels, missing = [], paths, lists, control, onChange } = props;
  const styles = useStyles2(getStyles);
  const pathsOf = (kind: PathKind) => new Set(missing.filter((each) => each.kind === kind).map(({ path }) => path));
  return (
    <FoldedSection label="Payload" summary={payloadSummary(query)} control={control}>
      <div className={styles.content}>
        <div className={styles.row}>
          <FormatOptionsFields id={id} query={query} className={styles.control} onChange={onChange} />
        </div>
        <FieldsList
          id={id('field')}
          choices={query.fields ?? []}
          missing={pathsOf('field')}
          paths={paths}
          onChange={(fields) => onChange(withChoices(query, 'fields', fields))}
        />
        <MappingsList
          id={id('mapping')}
          choices={query.mappings ?? []}
          missing={pathsOf('mapping')}
          paths={paths}
          onChange={(mappings) => onChange(withChoices(query, 'mappings', mappings))}
        />
        <LabelsList
          id={id('label')}
          choices={query.labels ?? []}
          missing={pathsOf('label')}
          paths={paths}
          onChange={(labels) => onChange(withChoices(query, 'labels', labels))}
        />
        <div className={styles.row}>
          {(levels.length > 0 || query.pivot !== undefined) && (
            <SelectField
              id={id('pivot')}
              label="Field names from"
              help={HELP.pivot}
              className={styles.control}
              options={pivotOptions(levels, query.pivot)}
              value={query.pivot ?? ''}
              onChange={(value) => onChange(withField(query, 'pivot', value))}
            />
          )}
          <TextField
            id={id('rows')}
            label="Rows"
            help={HELP.rows}
            placeholder="one row per message"
            suggestions={lists}
            className={styles.control}
            value={query.rows ?? ''}
            problem={pathsOf('rows').size > 0 ? 'No message has a list at this path.' : undefined}
            onChange={(rows) => onChange(withField(query, 'rows', rows))}
          />
          <SelectField
            id={id('rows-as')}
            label="Rows are"
            help={HELP.rowsAs}
            className={styles.control}
            options={ROWS_AS}
            value={query.rowsAs ?? 'auto'}
            onChange={(value) => onChange(withField(query, 'rowsAs', value === 'auto' ? undefined : value))}
          />
          <TimeFields
            id={id}
            query={query}
            className={styles.control}
            isMissing={pathsOf('time').size > 0}
            {...(paths === undefined ? undefined : { paths })}
            onChange={onChange}
          />
          <SelectField
            id={id('fill')}
            label="Fill"
            help={HELP.fill}
            className={styles.control}
            options={FILLS}
            value={query.fill ?? 'none'}
            onChange={(fill) => onChange(withField(query, 'fill', fill))}
          />
        </div>
      </div>
    </FoldedSection>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    content: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
    row: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'flex-start',
      gap: theme.spacing(1.5, 2),
      '&:empty': { display: 'none' },
    }),
    control: css({
      flex: '1 1 0',
      minWidth: theme.spacing(22),
      maxWidth: theme.spacing(34),
      // On a narrow screen there is one control per line, as wide as the controls above.
      [theme.breakpoints.down('sm')]: { maxWidth: 'none' },
    }),
  };
}
