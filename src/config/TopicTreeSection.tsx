import { topicRootProblem } from './checks';
import type { SectionProps } from './settings-change';
import { SettingsSection } from './SettingsSection';
import { SettingText } from './SettingText';

/** The topics that an editor lists and *Save & test* waits for. */
export function TopicTreeSection(section: SectionProps): React.JSX.Element {
  return (
    <SettingsSection label="Topic tree" options={section.options} fields={['topicRoot']}>
      <SettingText
        {...section}
        field="topicRoot"
        label="Topic tree root"
        description="A topic filter. The query editor and “Save & test” look for topics that match it. Choose a narrow filter if the broker is busy or does not allow #."
        placeholder="#"
        problem={topicRootProblem(section.options)}
      />
    </SettingsSection>
  );
}
