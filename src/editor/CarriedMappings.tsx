import type { MappingChoice } from '../types';
import { Literal, SuggestionLine } from './SuggestionLine';

interface Props {
  mappings: readonly MappingChoice[];
  onRemove: () => void;
  onKeep: () => void;
}

/** Says that value mappings were made for another topic: on numbers, they would draw an axis from OFF to ON. */
export function CarriedMappings({ mappings, onRemove, onKeep }: Props): React.JSX.Element {
  return (
    <div role="group" aria-label="Value mappings of another topic">
      <SuggestionLine
        suggestions={[
          { text: 'Remove', label: 'Remove the value mappings', onUse: onRemove },
          { text: 'Keep', label: 'Keep the value mappings', onUse: onKeep },
        ]}
      >
        <span>
          The query has value mappings that were made for another topic:{' '}
          <Literal>{mappings.map(({ path, true: on, false: off }) => `${path}: ${on}/${off}`).join(', ')}</Literal>
        </span>
      </SuggestionLine>
    </div>
  );
}
