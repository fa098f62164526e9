import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { FoldedSection } from '../components/FoldedSection';
import { NumberField } from './fields-with-help';
import { MAX_ROWS, type MqttQuery } from '../types';
import { DEFAULT_RETAINED, DEFAULT_SHAPE, withField, withLimit } from './query-changes';
import { SelectField } from './SelectField';
import { REDUCTIONS, RETAINED } from './select-options';
import { optionsSummary } from './summaries';
import { HELP } from './help';

interface Props {
  id: (name: string) => string;
  query: MqttQuery;
  onChange: (query: MqttQuery) => void;
}

/** A week: no browser tab stays open for longer on purpose. */
const MAX_SECONDS = 604_800;

/** Options for the rows that are stored and drawn. */
export function OptionsSection({ id, query, onChange }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { keep, reduce, retained = DEFAULT_RETAINED, shape = DEFAULT_SHAPE } = query;
  return (
    <FoldedSection label="Options" summary={optionsSummary(query)}>
      <div className={styles.row}>
        <NumberField
          id={id('keep-rows')}
          label="Keep rows"
          help={HELP.keepRows}
          unit="rows"
          value={keep?.rows}
          unset="as needed"
          min={1}
          max={MAX_ROWS}
          onChange={(value) => onChange(withLimit(query, 'rows', value))}
        />
        <NumberField
          id={id('keep-seconds')}
          label="Keep for"
          help={HELP.keepSeconds}
          unit="seconds"
          value={keep?.seconds}
          min={1}
          max={MAX_SECONDS}
          onChange={(value) => onChange(withLimit(query, 'seconds', value))}
        />
        {shape === 'series' && (
          <SelectField
            id={id('reduce')}
            label="Reduce"
            help={HELP.reduce}
            className={styles.select}
            options={REDUCTIONS}
            value={reduce ?? 'auto'}
            onChange={(value) => onChange(withField(query, 'reduce', value === 'auto' ? undefined : value))}
          />
        )}
        <SelectField
          id={id('retained')}
          label="Retained messages"
          help={HELP.retained}
          className={styles.select}
          options={RETAINED}
          value={retained}
          onChange={(value) => onChange(withField(query, 'retained', value))}
        />
      </div>
    </FoldedSection>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    row: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'flex-start', gap: theme.spacing(1.5, 2) }),
    select: css({ flex: '1 1 0', minWidth: `min(100%, ${theme.spacing(24)})`, maxWidth: theme.spacing(34) }),
  };
}
