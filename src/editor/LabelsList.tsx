import type { LabelChoice } from '../types';
import { TextField } from './fields-with-help';
import { ChoiceList, type ChoiceListProps } from './ChoiceList';
import { tidyChoice } from './query-changes';
import { SelectField } from './SelectField';
import { LABEL_SOURCES } from './select-options';
import { HELP } from './help';

/** The values of a message that tell apart the series of one topic. */
export function LabelsList({ onChange, ...list }: ChoiceListProps<LabelChoice>): React.JSX.Element {
  return (
    <ChoiceList<LabelChoice>
      {...list}
      title="Labels"
      one="label"
      none="Each topic is one series"
      pathLabel={(choice) => (choice.from === 'property' ? 'Property' : 'Path')}
      pathPlaceholder="model"
      pathHelp={HELP.labelPath}
      create={(path) => ({ path })}
      onChange={onChange}
    >
      {({ choice, id: choiceId, className, onChange: change }) => (
        <>
          <SelectField
            id={`${choiceId}-from`}
            label="From"
            help={HELP.labelFrom}
            className={className}
            options={LABEL_SOURCES}
            value={choice.from ?? 'payload'}
            onChange={(from) => change(tidyChoice({ ...choice, from }))}
          />
          <TextField
            id={`${choiceId}-name`}
            label="Name"
            help={HELP.labelName}
            placeholder="last key of the path"
            className={className}
            value={choice.name ?? ''}
            onChange={(name) => change(tidyChoice({ ...choice, name }))}
          />
        </>
      )}
    </ChoiceList>
  );
}
