import type { FieldChoice } from '../types';
import { TextField } from '../components/TextField';
import { ChoiceList, type ChoiceListProps } from './ChoiceList';
import { tidyChoice } from './query-changes';
import { SelectField } from './SelectField';
import { FIELD_TYPES } from './select-options';

/** The values of a message that become fields. */
export function FieldsList({ id, choices, missing, onChange }: ChoiceListProps<FieldChoice>): React.JSX.Element {
  return (
    <ChoiceList<FieldChoice>
      id={id}
      title="Fields"
      one="field"
      none="All values become fields"
      pathLabel={() => 'Path'}
      pathPlaceholder="DS18B20.Temperature"
      choices={choices}
      missing={missing}
      create={(path) => ({ path })}
      onChange={onChange}
    >
      {({ choice, id: choiceId, className, onChange: change }) => (
        <>
          <TextField
            id={`${choiceId}-name`}
            label="Name"
            placeholder={choice.path}
            className={className}
            value={choice.name ?? ''}
            onChange={(name) => change(tidyChoice({ ...choice, name }))}
          />
          <SelectField
            id={`${choiceId}-type`}
            label="Type"
            className={className}
            options={FIELD_TYPES}
            value={choice.type ?? 'auto'}
            onChange={(type) => change(tidyChoice({ ...choice, type }))}
          />
          <TextField
            id={`${choiceId}-unit`}
            label="Unit"
            placeholder="celsius"
            className={className}
            value={choice.unit ?? ''}
            onChange={(unit) => change(tidyChoice({ ...choice, unit }))}
          />
        </>
      )}
    </ChoiceList>
  );
}
