import { css } from '@emotion/css';
import { Checkbox, useStyles2 } from '@grafana/ui';
import { historyTopicProblem } from './checks';
import { type NumbersProps, SettingNumber } from './SettingNumber';
import { SettingText } from './SettingText';
import { withJson } from './settings-change';
import { SettingsSection } from './SettingsSection';
import { StoredMessages } from './StoredMessages';

const FIELDS = ['messageMemory', 'restore', 'history', 'historyTopic'] as const;

/** Settings for the messages that panels show of the time before they were opened. */
export function HistorySection(section: NumbersProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { options, onChange } = section;
  return (
    <SettingsSection label="History" options={options} fields={FIELDS}>
      <SettingNumber
        {...section}
        field="messageMemory"
        unit="MB"
        label="Message memory"
        description="A browser tab stores the last messages as they came, so that a change of a query loses nothing. 0: none, and no history."
      />
      <SettingNumber
        {...section}
        field="restore"
        unit="minutes"
        label="Store over a reload"
        description="The browser stores messages of the last minutes on this computer (IndexedDB), for the same Grafana user only, so that panels are not empty after a reload of the page. 0: off."
      />
      <StoredMessages options={options} />
      <Checkbox
        className={styles.box}
        id="mqtt-config-history"
        label="Ask a historian"
        description="If the broker has a historian, panels show what was published before they were opened. Without a historian, this changes nothing."
        value={options.jsonData.history !== false}
        disabled={options.readOnly}
        onChange={(event) => onChange(withJson(options, { history: event.currentTarget.checked ? undefined : false }))}
      />
      {options.jsonData.history !== false && (
        <SettingText
          {...section}
          field="historyTopic"
          label="History topic"
          description="The root topic of requests to the historian and of its responses."
          placeholder="history"
          problem={historyTopicProblem(options)}
        />
      )}
    </SettingsSection>
  );
}

function getStyles() {
  return {
    box: css({ alignSelf: 'flex-start' }),
  };
}
