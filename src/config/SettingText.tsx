import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import { useContext, useState } from 'react';
import { TextField } from '../components/TextField';
import { SaveRefused } from './save-refused';
import { type SectionProps, withJson } from './settings-change';
import { wideField } from './wide-field';

interface Props extends SectionProps {
  readonly field:
    'username' | 'tokenUrl' | 'serverName' | 'clientIdPrefix' | 'topicRoot' | 'discovery' | 'homie' | 'historyTopic';
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  readonly required?: boolean;
  /** The problem with the setting. Shown at once, except for an empty field that nobody has left yet. */
  readonly problem?: string;
  readonly inputMode?: 'url';
}

/** A text of `jsonData`. An empty text is not saved: the default holds. */
export function SettingText({ options, onChange, field, problem, ...text }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const value = options.jsonData[field] ?? '';
  const [visited, setVisited] = useState(value !== '');
  const refused = useContext(SaveRefused);
  return (
    <TextField
      {...text}
      id={`mqtt-config-${field}`}
      commit="change"
      value={value}
      problem={visited || refused || value !== '' ? problem : undefined}
      disabled={options.readOnly}
      className={styles.field}
      onChange={(typed) => onChange(withJson(options, { [field]: typed === '' ? undefined : typed }))}
      onLeave={() => setVisited(true)}
    />
  );
}

function getStyles() {
  return { field: css(wideField) };
}
