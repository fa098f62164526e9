import type { MappingChoice } from '../types';
import { TextField } from './fields-with-help';
import { ChoiceList, type ChoiceListProps } from './ChoiceList';
import { HELP } from './help';

/** Texts that are one of two words, and become 1 and 0. */
export function MappingsList({ onChange, ...list }: ChoiceListProps<MappingChoice>): React.JSX.Element {
  return (
    <ChoiceList<MappingChoice>
      {...list}
      title="Value mappings"
      one="value mapping"
      none="Texts are not mapped"
      pathLabel={() => 'Path'}
      pathPlaceholder="state"
      pathHelp={HELP.mappingPath}
      create={(path) => ({ path, true: 'ON', false: 'OFF' })}
      onChange={onChange}
    >
      {({ choice, id: choiceId, className, onChange: change }) => (
        <>
          <TextField
            id={`${choiceId}-true`}
            label="True"
            help={HELP.mappingTrue}
            placeholder="ON"
            className={className}
            value={choice.true}
            onChange={(word) => change({ ...choice, true: word })}
          />
          <TextField
            id={`${choiceId}-false`}
            label="False"
            help={HELP.mappingFalse}
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
