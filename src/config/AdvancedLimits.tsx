import { FoldedSection } from '../components/FoldedSection';
import { type NumbersProps, SettingNumber } from './SettingNumber';
import { SettingsColumn } from './SettingsSection';

export const ADVANCED_LIMITS = ['maxFields', 'maxLevels', 'maxListItems', 'maxPayloadRows'] as const;

/** How much of one payload becomes fields and rows. */
export function AdvancedLimits(section: NumbersProps): React.JSX.Element {
  const { jsonData } = section.options;
  return (
    <FoldedSection
      label="Advanced limits"
      initiallyOpen={ADVANCED_LIMITS.some((field) => jsonData[field] !== undefined)}
    >
      <SettingsColumn>
        <SettingNumber
          {...section}
          field="maxFields"
          unit="fields"
          label="Fields per series"
          description="Values of a message that become fields. Further values are left out."
        />
        <SettingNumber
          {...section}
          field="maxLevels"
          unit="levels"
          label="Levels of nesting"
          description="Objects in objects become fields down to this level. Deeper objects are shown as JSON."
        />
        <SettingNumber
          {...section}
          field="maxListItems"
          unit="items"
          label="Items of a list"
          description="A list with at most this many numbers becomes one field per number. A longer list is shown as JSON."
        />
        <SettingNumber
          {...section}
          field="maxPayloadRows"
          unit="rows"
          label="Rows of a payload"
          description="Rows that one message may have. Further rows are left out."
        />
      </SettingsColumn>
    </FoldedSection>
  );
}
