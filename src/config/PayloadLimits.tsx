import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { type NumbersProps, SettingNumber } from './SettingNumber';

export const PAYLOAD_FIELDS = ['maxSeries', 'maxFields', 'maxLevels', 'maxListItems', 'maxPayloadRows'] as const;

/** How much of what comes becomes series, fields and rows. */
export function PayloadLimits(section: NumbersProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <fieldset className={styles.fields}>
      <legend className={styles.legend}>Payloads</legend>
      <SettingNumber
        {...section}
        field="maxSeries"
        unit="series"
        label="Series per query"
        description="Topics that a query may match, and labels in their messages. Those that come first are shown."
      />
      <SettingNumber
        {...section}
        field="maxFields"
        unit="fields"
        label="Fields per series"
        description="The most values of a message that become fields. Further ones are left out."
      />
      <SettingNumber
        {...section}
        field="maxLevels"
        unit="levels"
        label="Levels of nesting"
        description="How deep objects are taken apart into fields. What lies deeper is shown as JSON."
      />
      <SettingNumber
        {...section}
        field="maxListItems"
        unit="items"
        label="Items of a list"
        description="A list of no more numbers than this becomes a field for each. A longer one is shown as JSON."
      />
      <SettingNumber
        {...section}
        field="maxPayloadRows"
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
  };
}
