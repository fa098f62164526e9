import { ADVANCED_LIMITS, AdvancedLimits } from './AdvancedLimits';
import { type NumbersProps, SettingNumber } from './SettingNumber';
import { SettingsSection } from './SettingsSection';

const FIELDS = ['linger', 'maxRows', 'maxAge', 'memory', 'maxSeries', ...ADVANCED_LIMITS] as const;

/** How much a browser tab stores and shows. */
export function LimitsSection(section: NumbersProps): React.JSX.Element {
  return (
    <SettingsSection label="Limits" options={section.options} fields={FIELDS}>
      <SettingNumber
        {...section}
        field="linger"
        unit="seconds"
        label="Linger"
        description="How long the browser tab stays subscribed and stores the rows after the last panel that shows them is closed. A panel that is opened again in this time is not empty."
      />
      <SettingNumber
        {...section}
        field="maxRows"
        unit="rows"
        label="Rows per series"
        description="A query cannot store more rows per series than this."
      />
      <SettingNumber
        {...section}
        field="maxAge"
        unit="seconds"
        label="Age of rows"
        description="Rows older than this are removed, even if the query asks for a longer time."
      />
      <SettingNumber
        {...section}
        field="memory"
        unit="MB"
        label="Memory"
        description="For the rows of all panels in a browser tab. Above this limit, the least recently viewed series store fewer rows, and their panels say so."
      />
      <SettingNumber
        {...section}
        field="maxSeries"
        unit="series"
        label="Series per query"
        unset="500, or 2,000"
        description="A series is a topic, or a set of labels in its messages. The first series are shown, further ones are left out: by default 500 as time series, and 2,000 as a table or as latest values."
      />
      <AdvancedLimits {...section} />
    </SettingsSection>
  );
}
