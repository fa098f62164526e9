import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { CollapsableSection, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import { discoveryProblem, homieProblem, topicRootProblem } from './checks';
import { PAYLOAD_FIELDS, PayloadLimits } from './PayloadLimits';
import { type NumbersProps, SettingNumber } from './SettingNumber';
import { SettingText } from './SettingText';

const FIELDS = ['linger', 'maxRows', 'maxAge', 'memory', 'topicRoot', 'discovery', 'homie', ...PAYLOAD_FIELDS] as const;

/** What a browser tab keeps at the most, and what it looks for. */
export function LimitsSection(section: NumbersProps): React.JSX.Element {
  const { options } = section;
  const styles = useStyles2(getStyles);
  const { jsonData } = options;
  const [open, setOpen] = useState(FIELDS.some((field) => jsonData[field] !== undefined));

  return (
    <CollapsableSection label="Limits" isOpen={open} onToggle={setOpen}>
      <div className={styles.fields}>
        <SettingNumber
          {...section}
          field="linger"
          unit="seconds"
          label="Linger"
          description="How long a subscription and its rows are kept after the last panel that shows them is gone, so that coming back does not start empty."
        />
        <SettingNumber
          {...section}
          field="maxRows"
          unit="rows"
          label="Rows per series"
          description="The most that a query may keep, whatever it asks for."
        />
        <SettingNumber
          {...section}
          field="maxAge"
          unit="seconds"
          label="Age of rows"
          description="The longest that a row may be kept, whatever the query asks for."
        />
        <SettingNumber
          {...section}
          field="memory"
          unit="MB"
          label="Memory"
          description="What the rows of all panels may take in a browser tab. Beyond it, series that were looked at least recently keep fewer rows, and the panel says so."
        />
        <SettingText
          {...section}
          field="topicRoot"
          label="Topic tree root"
          description="The filter below which topics are looked for, by the query editor and by “Save & test”. Narrow it on a busy broker, or where the broker does not allow # itself."
          placeholder="#"
          problem={topicRootProblem(options)}
        />
        <SettingText
          {...section}
          field="discovery"
          label="Discovery prefix"
          description="Takes units, descriptions and the texts of on and off from Home Assistant’s discovery topics below this prefix, mostly homeassistant, where neither the query nor the payload says them. Empty is off."
          problem={discoveryProblem(options)}
        />
        <SettingText
          {...section}
          field="homie"
          label="Homie base topic"
          description="Takes the same from what Homie devices say of themselves below this topic, mostly homie. Empty is off."
          problem={homieProblem(options)}
        />
        <PayloadLimits {...section} />
      </div>
    </CollapsableSection>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    fields: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  };
}
