import { Alert } from '@grafana/ui';
import type { MappingChoice, PathKind, QueryDiagnostics } from '../types';
import { ConnectionState } from './ConnectionState';
import { MissingPaths } from './MissingPaths';
import { MessageSamples } from './MessageSamples';
import { ValueMappingSuggestions } from './ValueMappingSuggestions';

interface Props {
  id: string;
  diagnostics: QueryDiagnostics | undefined;
  /** What is wrong with the query, except what the topic field shows. */
  problems: readonly string[];
  onMap: (mapping: MappingChoice) => void;
  onUsePath: (kind: PathKind, missing: string, path: string) => void;
}

/** How the query runs: its problems, the connection, messages that were not decoded, suggested value mappings. */
export function QueryStatus({ id, diagnostics, problems, onMap, onUsePath }: Props): React.JSX.Element {
  return (
    <>
      {problems.map((problem) => (
        <Alert key={problem} severity="error" title={problem} bottomSpacing={0} />
      ))}
      <ConnectionState connection={diagnostics?.connection} />
      {diagnostics !== undefined && <MessageSamples id={id} diagnostics={diagnostics} />}
      {diagnostics?.missing !== undefined && (
        <MissingPaths missing={diagnostics.missing} messages={diagnostics.messages} onUse={onUsePath} />
      )}
      {diagnostics?.mappings !== undefined && (
        <ValueMappingSuggestions suggestions={diagnostics.mappings} onUse={onMap} />
      )}
    </>
  );
}
