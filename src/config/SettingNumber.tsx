import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import { SETTING_RANGES } from '../setting-ranges';
import { NumberField } from '../components/NumberField';
import type { MqttOptions } from '../types';
import { withJson, type SectionProps } from './settings-change';
import { wideField } from './wide-field';

/** Props of a section that has numbers. */
export interface NumbersProps extends SectionProps {
  /** Called when what is typed becomes invalid or valid. */
  readonly onProblem: (field: string, problem: string | undefined) => void;
}

interface Props extends NumbersProps {
  readonly field: keyof typeof SETTING_RANGES & keyof MqttOptions;
  readonly label: string;
  readonly description: string;
  readonly unit: string;
  /** The placeholder if the default is not one number. */
  readonly unset?: string;
}

/** A number of `jsonData` within its range. An empty field is not saved: the default holds. */
export function SettingNumber({ options, onChange, onProblem, field, ...words }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <NumberField
      {...words}
      {...SETTING_RANGES[field]}
      id={`mqtt-config-${field}`}
      value={options.jsonData[field]}
      disabled={options.readOnly}
      className={styles.field}
      onChange={(value) => onChange(withJson(options, { [field]: value }))}
      onProblem={(problem) => onProblem(field, problem)}
    />
  );
}

function getStyles() {
  return { field: css(wideField) };
}
