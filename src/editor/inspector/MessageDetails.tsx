import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, ClipboardButton, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import type { MessageDetail, Preview } from '../../engine/explorer-protocol';
import type { MqttQuery } from '../../types';
import { payloadText } from '../payload-text';
import { bytesText } from '../picker/words';
import { withField } from '../query-changes';
import { MessageValues } from './MessageValues';
import { PreviewTable } from './PreviewTable';
import { saveAsFile } from './save-as-file';
import { timeOf } from './time-of';
import { withLevels } from './with-levels';

const VIEWS = [
  { label: 'Values', value: 'values' },
  { label: 'Text', value: 'text' },
  { label: 'Hex', value: 'hex' },
  { label: 'Result', value: 'result', description: 'What the query makes of the last messages' },
] as const;

export type View = (typeof VIEWS)[number]['value'];

interface Props {
  id: string;
  detail: MessageDetail;
  preview: Preview | undefined;
  view: View;
  onView: (view: View) => void;
  query: MqttQuery;
  onChange: (query: MqttQuery) => void;
  onUnit: (path: string) => void;
}

/** A message as it came: what the broker says of it, its values, its text and its bytes. */
export function MessageDetails(props: Props): React.JSX.Element {
  const { id, detail, preview, view, query, onView, onChange, onUnit } = props;
  const styles = useStyles2(getStyles);
  const shown = payloadText(hexOf(detail.bytes), detail.length);
  const isWhole = detail.bytes.length === detail.length;
  const properties = Object.entries(detail.userProperties);
  return (
    <div className={styles.detail}>
      <div className={styles.facts}>
        <code className={styles.code}>{detail.topic}</code>
        <span>
          {[
            timeOf(detail),
            ...(detail.qos === undefined ? [] : [`QoS ${detail.qos}`]),
            ...(detail.retain ? ['retained'] : []),
            bytesText(detail.length),
            ...(isWhole ? [] : [`the first ${bytesText(detail.bytes.length)} are shown`]),
          ].join(', ')}
        </span>
        {properties.length > 0 && (
          <span>User properties: {properties.map(([name, value]) => `${name} = ${value}`).join(', ')}</span>
        )}
      </div>
      <div className={styles.bar}>
        <RadioButtonGroup
          id={`${id}-view`}
          size="sm"
          aria-label="Payload as"
          options={[...VIEWS]}
          value={view}
          onChange={onView}
        />
        <ClipboardButton size="sm" variant="secondary" fill="text" icon="copy" getText={() => detail.topic}>
          Copy topic
        </ClipboardButton>
        <ClipboardButton
          size="sm"
          variant="secondary"
          fill="text"
          icon="copy"
          getText={() => (shown.binary ? shown.hex : new TextDecoder().decode(detail.bytes))}
        >
          {isWhole ? 'Copy payload' : 'Copy what is shown'}
        </ClipboardButton>
        {isWhole && (
          <Button
            size="sm"
            variant="secondary"
            fill="text"
            icon="save"
            onClick={() => saveAsFile(fileNameOf(detail.topic), detail.bytes.slice())}
          >
            Save payload
          </Button>
        )}
      </div>
      {detail.readAs === 'number' && (
        <Button
          size="sm"
          variant="secondary"
          fill="outline"
          className={styles.readAs}
          onClick={() => onChange(withField(query, 'format', 'number'))}
        >
          Read as a number with a unit
        </Button>
      )}
      {view === 'values' && detail.failure !== undefined && <div className={styles.failure}>{detail.failure}</div>}
      {view === 'values' && detail.failure === undefined && detail.values.length === 0 && (
        <div className={styles.status}>{detail.length === 0 ? 'An empty payload clears the value.' : 'Loading …'}</div>
      )}
      {view === 'values' && <MessageValues detail={detail} query={query} onChange={onChange} onUnit={onUnit} />}
      {view === 'text' && <pre className={styles.text}>{shown.text}</pre>}
      {view === 'result' && <PreviewTable preview={preview && withLevels(preview, query.topic ?? '')} />}
      {view === 'hex' && <pre className={styles.text}>{shown.hex}</pre>}
    </div>
  );
}

/** The last level of the topic that is not empty; browsers replace characters that a file name cannot have. */
function fileNameOf(topic: string): string {
  return topic.split('/').findLast((level) => level !== '') ?? 'payload';
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function getStyles(theme: GrafanaTheme2) {
  return {
    detail: css({
      display: 'flex',
      flexDirection: 'column',
      alignItems: 'stretch',
      gap: theme.spacing(1),
      minWidth: 0,
      minHeight: theme.spacing(48),
      padding: theme.spacing(1),
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      background: theme.colors.background.primary,
    }),
    facts: css({
      ...theme.typography.bodySmall,
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0.5, 1),
      color: theme.colors.text.secondary,
      overflowWrap: 'anywhere',
      // Always a line each: beside each other they would wrap, and move what follows, by the width of a time
      [theme.breakpoints.down('md')]: { flexDirection: 'column' },
    }),
    failure: css({ ...theme.typography.bodySmall, color: theme.colors.warning.text, overflowWrap: 'anywhere' }),
    // Not as wide as the message.
    readAs: css({ alignSelf: 'flex-start' }),
    text: css({
      maxHeight: theme.spacing(40),
      margin: 0,
      padding: theme.spacing(0.75, 1),
      overflowY: 'auto',
      whiteSpace: 'pre-wrap',
      overflowWrap: 'anywhere',
      fontSize: theme.typography.bodySmall.fontSize,
    }),
    code: css({ margin: 0, overflowWrap: 'anywhere', whiteSpace: 'normal' }),
    bar: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
    status: css({ ...theme.typography.bodySmall, color: theme.colors.text.secondary }),
  };
}
