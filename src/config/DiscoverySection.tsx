import { discoveryProblem, homieProblem } from './checks';
import type { SectionProps } from './settings-change';
import { SettingsSection } from './SettingsSection';
import { SettingText } from './SettingText';

const FIELDS = ['discovery', 'homie'] as const;

/** Settings for the topics on which devices announce themselves. */
export function DiscoverySection(section: SectionProps): React.JSX.Element {
  const { options } = section;

  return (
    <SettingsSection label="Discovery" options={section.options} fields={FIELDS}>
      <SettingText
        {...section}
        field="discovery"
        label="Discovery prefix"
        description="Reads units, descriptions and on/off texts from Home Assistant’s discovery topics below this prefix, for values that have none in the query and the payload. The usual prefix is homeassistant. The prefix tasmota reads Tasmota’s own discovery. Empty: off."
        problem={discoveryProblem(options)}
      />
      <SettingText
        {...section}
        field="homie"
        label="Homie base topic"
        description="Reads the same from the topics of Homie devices below this level. The usual level is homie. Empty: off."
        problem={homieProblem(options)}
      />
    </SettingsSection>
  );
}
