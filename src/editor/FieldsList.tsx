import type { FieldChoice } from '../types';
import { TextField } from './fields-with-help';
import { ChoiceList, type ChoiceListProps } from './ChoiceList';
import { tidyChoice } from './query-changes';
import { SelectField } from './SelectField';
import { FIELD_TYPES } from './select-options';
import { UnitField } from './UnitField';
import { HELP } from './help';

/** The values of a message that become fields. */
export function FieldsList({ onChange, ...list }: ChoiceListProps<FieldChoice>): React.JSX.Element {
  return (
    <ChoiceList<FieldChoice>
      {...list}
      title="Fields"
      one="field"
      none="All values become fields"
      pathLabel={() => 'Path'}
      pathPlaceholder="DS18B20.Temperature"
      pathHelp={HELP.fieldPath}
      create={(path) => ({ path })}
      onChange={onChange}
    >
      {({ choice, id: choiceId, className, onChange: change }) => (
        <>
          <TextField
            id={`${choiceId}-name`}
            label="Name"
            help={HELP.fieldName}
            placeholder={choice.path}
            className={className}
            value={choice.name ?? ''}
            onChange={(name) => change(tidyChoice({ ...choice, name }))}
          />
          <SelectField
            id={`${choiceId}-type`}
            label="Type"
            help={HELP.fieldType}
            className={className}
            options={FIELD_TYPES}
            value={choice.type ?? 'auto'}
            onChange={(type) => change(tidyChoice({ ...choice, type }))}
          />
          <UnitField
            id={`${choiceId}-unit`}
            className={className}
            value={choice.unit ?? ''}
            onChange={(unit) => change(tidyChoice({ ...choice, unit }))}
          />
        </>
      )}
    </ChoiceList>
  );
}
