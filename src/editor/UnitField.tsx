import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Field, UnitPicker, useStyles2 } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { FieldLabel } from './FieldLabel';
import { HELP } from './help';

interface Props {
  id: string;
  /** A Grafana unit id, or a unit of somebody's own. Empty: none. */
  value: string;
  className: string;
  onChange: (unit: string) => void;
}

/** Grafana's list of units, which also takes a unit of one's own. */
export function UnitField({ id, value, className, onChange }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  // The picker reads its value only at the start. After a choice of its own it stays, so that it keeps the focus.
  const [own, setOwn] = useState(value);
  const [key, setKey] = useState(0);
  if (own !== value) {
    setOwn(value);
    setKey(key + 1);
  }
  // Grafana's search goes away with a choice, and the focus with it: the keyboard would go on from the top of the page.
  const [choices, setChoices] = useState(0);
  useEffect(() => {
    if (choices > 0 && document.activeElement === document.body) {
      document.getElementById(id)?.focus({ preventScroll: true });
    }
  }, [choices, id]);
  return (
    <Field
      noMargin
      label={<FieldLabel htmlFor={id} label="Unit" help={HELP.fieldUnit} />}
      htmlFor={id}
      className={cx(className, styles.field)}
    >
      <UnitPicker
        key={key}
        id={id}
        value={value}
        onChange={(unit = '') => {
          setOwn(unit);
          setChoices(choices + 1);
          onChange(unit);
        }}
      />
    </Field>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    // Grafana's menus begin at the field, and are as wide as their units or the page, so on a narrow page they end beyond
    // it. They are no children of the field: they are this field's while the field has the focus.
    field: css({
      [theme.breakpoints.down('sm')]: {
        'body:has(&:focus-within) .rc-cascader-dropdown': { left: `${theme.spacing(1)} !important` },
        'body:has(&:focus-within) *:has(> [class*="-grafana-select-menu"])': { left: `${theme.spacing(1)} !important` },
        'body:has(&:focus-within) [class*="-grafana-select-menu"]': {
          maxWidth: `calc(100vw - ${theme.spacing(2)})`,
          '& *': { whiteSpace: 'normal' },
        },
        'body:has(&:focus-within) .rc-cascader-menu-item': {
          height: 'auto',
          paddingBlock: theme.spacing(0.75),
          lineHeight: theme.spacing(2.5),
          whiteSpace: 'normal',
        },
      },
    }),
  };
}
