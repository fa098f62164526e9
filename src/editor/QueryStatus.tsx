import { Alert } from '@grafana/ui';
import type { MappingChoice, PathKind, QueryDiagnostics } from '../types';
import { ConnectionState } from './ConnectionState';
import { MissingPaths } from './MissingPaths';
import { MessageSamples } from './MessageSamples';
import { NearestTopics } from './NearestTopics';
import { QueryNotices } from './QueryNotices';
import { StatusLine } from './StatusLine';
import { ValueMappingSuggestions } from './ValueMappingSuggestions';

interface StatusProps {
  diagnostics: QueryDiagnostics | undefined;
  /** The problems of the query, except those that the topic field shows. */
  problems: readonly string[];
  /** The options of the query. */
  qos: number;
  isHidden: boolean;
  /** The text of the topic field. */
  topic: string;
  onTopic: (topic: string) => void;
  /** Makes the panel live again; undefined where Grafana offers no way. */
  onBackToNow?: (() => void) | undefined;
}

/** Whether the query runs, and what prevents it. */
export function QueryStatus(props: StatusProps): React.JSX.Element {
  const { diagnostics, problems, qos, isHidden, topic, onTopic, onBackToNow } = props;
  const nearest = diagnostics?.nearest;
  return (
    <>
      <StatusLine
        diagnostics={diagnostics}
        qos={qos}
        isHidden={isHidden}
        onBackToNow={onBackToNow}
        hint={nearest && <NearestTopics nearest={nearest} topic={topic} onUse={onTopic} />}
      />
      {problems.map((problem) => (
        <Alert key={problem} severity="error" title={problem} bottomSpacing={0} />
      ))}
      {diagnostics?.connection !== undefined && <ConnectionState connection={diagnostics.connection} />}
    </>
  );
}

interface FindingsProps {
  id: string;
  diagnostics: QueryDiagnostics;
  onMap: (mapping: MappingChoice) => void;
  onUsePath: (kind: PathKind, missing: string, path: string) => void;
}

/**
 * Findings in the messages, and suggestions for the query. They come and go while somebody works in the form, so it is
 * below the form: nothing moves under the pointer.
 */
export function QueryFindings(props: FindingsProps): React.JSX.Element {
  const { id, diagnostics, onMap, onUsePath } = props;
  const { missing, messages, mappings, notices } = diagnostics;
  return (
    <>
      {missing !== undefined && <MissingPaths missing={missing} messages={messages} onUse={onUsePath} />}
      <MessageSamples id={id} diagnostics={diagnostics} />
      {mappings !== undefined && <ValueMappingSuggestions suggestions={mappings} onUse={onMap} />}
      {notices !== undefined && <QueryNotices notices={notices} />}
    </>
  );
}
