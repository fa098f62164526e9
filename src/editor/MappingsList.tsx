import type { MappingChoice } from '../types';
import { TextField } from '../components/TextField';
import { ChoiceList, type ChoiceListProps } from './ChoiceList';

/** Texts that are one of two words, and become 1 and 0. */
export function MappingsList({ id, choices, missing, onChange }: ChoiceListProps<MappingChoice>): React.JSX.Element {
  return (
    <ChoiceList<MappingChoice>
      id={id}
      title="Value mappings"
      one="value mapping"
      none="Texts are not mapped"
      pathLabel={() => 'Path'}
      pathPlaceholder="state"
      choices={choices}
      missing={missing}
      create={(path) => ({ path, true: 'ON', false: 'OFF' })}
      onChange={onChange}
    >
      {({ choice, id: choiceId, className, onChange: change }) => (
        <>
          <TextField
            id={`${choiceId}-true`}
            label="True"
            placeholder="ON"
            className={className}
            value={choice.true}
            onChange={(word) => change({ ...choice, true: word })}
          />
          <TextField
            id={`${choiceId}-false`}
            label="False"
            placeholder="OFF"
            className={className}
            value={choice.false}
            onChange={(word) => change({ ...choice, false: word })}
          />
        </>
      )}
    </ChoiceList>
  );
}
