import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { BOUNDS } from '../bounds';
import { NumberField } from '../editor/NumberField';
import { withJson, type SectionProps } from './settings-change';

interface Props extends SectionProps {
  onProblem: (field: string, problem: string | undefined) => void;
}

export const PAYLOAD_FIELDS = ['maxSeries', 'maxFields', 'maxLevels', 'maxListItems', 'maxPayloadRows'] as const;

/** How much of what comes becomes series, fields and rows. */
export function PayloadLimits({ options, onChange, onProblem }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const number = (field: (typeof PAYLOAD_FIELDS)[number]) => ({
    id: `mqtt-config-${field}`,
    ...BOUNDS[field],
    value: options.jsonData[field],
    disabled: options.readOnly,
    className: styles.field,
    onChange: (value: number | undefined) => onChange(withJson(options, { [field]: value })),
    onProblem: (problem: string | undefined) => onProblem(field, problem),
  });
  return (
    <fieldset className={styles.fields}>
      <legend className={styles.legend}>Payloads</legend>
      <NumberField
        {...number('maxSeries')}
        unit="series"
        label="Series per query"
        description="Topics that a query may match, and labels in their messages. Those that come first are shown."
      />
      <NumberField
        {...number('maxFields')}
        unit="fields"
        label="Fields per series"
        description="The most values of a message that become fields. Further ones are left out."
      />
      <NumberField
        {...number('maxLevels')}
        unit="levels"
        label="Levels of nesting"
        description="How deep objects are taken apart into fields. What lies deeper is shown as JSON."
      />
      <NumberField
        {...number('maxListItems')}
        unit="items"
        label="Items of a list"
        description="A list of no more numbers than this becomes a field for each. A longer one is shown as JSON."
      />
      <NumberField
        {...number('maxPayloadRows')}
        unit="rows"
        label="Rows of a payload"
        description="The most rows that one message may have. Further ones are left out."
      />
    </fieldset>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    fields: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2), minWidth: 0 }),
    legend: css({
      ...theme.typography.h5,
      margin: theme.spacing(1, 0, 2),
      border: 'none',
    }),
    field: css({ maxWidth: '100%' }),
  };
}
