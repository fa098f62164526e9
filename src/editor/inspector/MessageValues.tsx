import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { MessageDetail, ValueRow } from '../../engine/explorer-protocol';
import type { MqttQuery } from '../../types';
import { possibleRoles, type Role, rolesOf, toggleRole } from './choose';
import { unitText } from './unit-text';

interface Props {
  detail: MessageDetail;
  query: MqttQuery;
  onChange: (query: MqttQuery) => void;
  onUnit: (path: string) => void;
}

/** The values of a message as a tree. A click makes one a field; further buttons make it a label or the time. */
export function MessageValues({ detail, query, onChange, onUnit }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <ul aria-label="Values of the message" className={styles.values}>
      {detail.values.map((row, i) => (
        // Lists can have the same path twice, so the position is the key.
        <li key={i} className={styles.row} style={{ paddingLeft: `${row.depth * 14 + 4}px` }}>
          <span className={styles.key}>{row.key}</span>
          <ValueText
            row={row}
            isField={rolesOf(query, row).has('field')}
            chosenUnit={query.fields?.find(({ path }) => path === (row.fieldPath ?? row.path))?.unit}
            use={(role) => use(row, role)}
          />
          <span className={styles.roles}>
            {/* It has its room before it is needed: nothing in the line must move when the value is clicked. */}
            {(row.kind === 'number' || row.type === 'number') && (
              <button
                type="button"
                aria-label={`Unit: ${row.path}`}
                title="Choose the unit of the field"
                className={cx(styles.role, !rolesOf(query, row).has('field') && styles.hidden)}
                onClick={() => onUnit(row.fieldPath ?? row.path)}
              >
                Unit
              </button>
            )}
            {possibleRoles(row)
              .filter((role) => role !== 'field')
              .map((role) => {
                const pressed = rolesOf(query, row).has(role);
                return (
                  <button
                    key={role}
                    type="button"
                    aria-pressed={pressed}
                    aria-label={`${labelOf(role, row)}: ${row.path}`}
                    title={ROLES[role].title}
                    className={cx(styles.role, pressed && styles.pressed)}
                    onClick={() => use(row, role)}
                  >
                    {labelOf(role, row)}
                  </button>
                );
              })}
          </span>
        </li>
      ))}
      {detail.cut && <li className={styles.row}>Further values are not shown.</li>}
    </ul>
  );

  function use(row: ValueRow, role: Role): void {
    onChange(toggleRole(query, row, role));
  }
}

const ROLES: Readonly<Record<Role, { label: string; title: string }>> = {
  field: { label: 'Field', title: 'Show this value' },
  label: { label: 'Label', title: 'Tell series apart by this value' },
  time: { label: 'Time', title: 'The time of the row' },
  rows: { label: 'Rows', title: 'Each item becomes a row' },
  mapping: { label: 'Map to 1 and 0', title: 'Panels can draw and count the numbers' },
};

function labelOf(role: Role, { words }: ValueRow): string {
  return role === 'mapping' ? `${words?.true}/${words?.false} → 1/0` : ROLES[role].label;
}

interface ValueTextProps {
  row: ValueRow;
  isField: boolean;
  /** The Grafana unit id that the query gives the field. */
  chosenUnit: string | undefined;
  use: (role: Role) => void;
}

/** The value, which is a button if it can become a field. */
function ValueText({ row, isField, chosenUnit, use }: ValueTextProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { kind, text, before, unit, payloadUnit, path, readsAs } = row;
  if (kind === 'object' || kind === 'list') {
    return <span className={styles.container}>{text}</span>;
  }
  // The number that a text is read as has its unit already.
  const hasUnit = readsAs !== undefined && payloadUnit !== undefined;
  const id = chosenUnit ?? (payloadUnit === undefined ? unit : undefined);
  const shownUnit = hasUnit ? undefined : id === undefined ? payloadUnit : unitText(id);
  const value = kind === 'string' ? `"${text}"` : text;
  const details = [
    readsAs === undefined ? undefined : `as the number ${readsAs}`,
    shownUnit,
    before === undefined ? undefined : `was ${before}`,
  ].filter((each) => each !== undefined);
  const reading = [
    isField ? 'A field of the query. Click to remove it.' : 'Click to make it a field',
    unit === undefined ? '' : `with the unit ${unitText(unit)}`,
    row.type === undefined ? '' : `read as a ${row.type}`,
  ];
  return (
    <button
      type="button"
      aria-pressed={isField}
      aria-label={`${[value, ...details].join(' ')}: field ${path}`}
      title={reading.filter((part) => part !== '').join(', ')}
      className={cx(styles.value, isField && styles.pressed)}
      onClick={() => use('field')}
    >
      <Icon name="check" size="sm" className={cx(!isField && styles.hidden)} />
      <span className={kind === 'string' ? styles.string : undefined}>{value}</span>
      {readsAs !== undefined && <span>→ {readsAs}</span>}
      {shownUnit !== undefined && <span className={styles.unit}> {shownUnit}</span>}
      {before !== undefined && <span className={styles.before}> was {before}</span>}
    </button>
  );
}

function getStyles(theme: GrafanaTheme2) {
  const button = {
    minWidth: 0,
    padding: theme.spacing(0, 0.5),
    border: '1px solid transparent',
    borderRadius: theme.shape.radius.default,
    background: 'none',
    '&:hover': { background: theme.colors.action.hover },
    '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}` },
  } as const;
  return {
    values: css({
      ...theme.typography.bodySmall,
      maxHeight: theme.spacing(40),
      margin: 0,
      padding: theme.spacing(0.5, 0),
      overflowY: 'auto',
      listStyle: 'none',
      fontFamily: theme.typography.fontFamilyMonospace,
    }),
    row: css({ display: 'flex', alignItems: 'baseline', gap: theme.spacing(1), minWidth: 0 }),
    key: css({ flex: 'none', maxWidth: '50%', color: theme.colors.text.secondary, overflowWrap: 'anywhere' }),
    container: css({ flex: '1 1 0', color: theme.colors.text.disabled }),
    value: css({
      ...button,
      display: 'inline-flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      gap: theme.spacing(0.5),
      color: theme.colors.text.link,
      textAlign: 'left',
      overflowWrap: 'anywhere',
    }),
    string: css({ color: theme.colors.text.primary }),
    // On a selected value, the secondary color has too little contrast.
    unit: css({ color: theme.colors.text.secondary, '[aria-pressed="true"] &': { color: theme.colors.text.primary } }),
    before: css({ color: theme.colors.warning.text }),
    roles: css({ display: 'inline-flex', flex: 'none', gap: theme.spacing(0.5), marginLeft: 'auto' }),
    role: css({ ...button, borderColor: theme.colors.border.weak, color: theme.colors.text.secondary }),
    hidden: css({ visibility: 'hidden' }),
    pressed: css({ background: theme.colors.action.selected, borderColor: theme.colors.border.medium }),
  };
}
