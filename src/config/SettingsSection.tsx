import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { CollapsableSection, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import type { MqttOptions } from '../types';
import type { SectionProps } from './settings-change';

interface Props extends React.PropsWithChildren {
  readonly label: string;
  readonly options: SectionProps['options'];
  /** The settings of the section, which is open at first if one of them is set. */
  readonly fields: ReadonlyArray<keyof MqttOptions>;
}

/** A section that can be folded, with its settings one below the other. */
export function SettingsSection({ label, options: { jsonData }, fields, children }: Props): React.JSX.Element {
  const [open, setOpen] = useState(fields.some((field) => jsonData[field] !== undefined));
  return (
    <CollapsableSection label={label} isOpen={open} onToggle={setOpen}>
      <SettingsColumn>{children}</SettingsColumn>
    </CollapsableSection>
  );
}

/** Settings one below the other. */
export function SettingsColumn({ children }: React.PropsWithChildren): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return <div className={styles.fields}>{children}</div>;
}

function getStyles(theme: GrafanaTheme2) {
  return {
    fields: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
  };
}
