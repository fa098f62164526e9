import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Collapse, Combobox, Field, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import type { FieldChoice, LabelChoice, MappingChoice, MqttQuery } from '../types';
import { ChoiceList } from './ChoiceList';
import { FormatOptionsFields } from './FormatOptionsFields';
import { FILLS, payloadSummary, tidyChoice, TYPES, withChoices, withFill, withText } from './payload';
import { TextField } from '../components/TextField';
import { TimeFields } from './TimeFields';

interface Props {
  id: (name: string) => string;
  query: MqttQuery;
  onChange: (query: MqttQuery) => void;
}

const SOURCES: Array<{ value: 'payload' | 'property'; label: string; description: string }> = [
  { value: 'payload', label: 'Payload', description: 'A value of the payload' },
  { value: 'property', label: 'User property', description: 'Of the message, with MQTT 5' },
];

/** How messages become rows: what the format needs to know, fields, labels, rows and times. */
export function PayloadSection({ id, query, onChange }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(false);
  return (
    <Collapse
      className={styles.section}
      isOpen={open}
      onToggle={setOpen}
      label={
        <span className={styles.label}>
          Payload
          {!open && <span className={styles.summary}>{payloadSummary(query)}</span>}
        </span>
      }
    >
      <div className={styles.content}>
        <div className={styles.row}>
          <FormatOptionsFields id={id} query={query} className={styles.control} onChange={onChange} />
        </div>
        <ChoiceList<FieldChoice>
          id={id('field')}
          title="Fields"
          one="field"
          none="All that are found"
          pathLabel={() => 'Path'}
          pathPlaceholder="DS18B20.Temperature"
          choices={query.fields ?? []}
          create={(path) => ({ path })}
          onChange={(fields) => onChange(withChoices(query, 'fields', fields))}
        >
          {(choice, change, choiceId) => (
            <>
              <TextField
                id={`${choiceId}-name`}
                label="Name"
                placeholder={choice.path}
                className={styles.small}
                value={choice.name ?? ''}
                onChange={(name) => change(tidyChoice({ ...choice, name }))}
              />
              <Field noMargin label="Type" className={styles.small}>
                <Combobox
                  id={`${choiceId}-type`}
                  options={[...TYPES]}
                  value={choice.type ?? 'auto'}
                  onChange={({ value }) => change(tidyChoice({ ...choice, type: value }))}
                />
              </Field>
              <TextField
                id={`${choiceId}-unit`}
                label="Unit"
                placeholder="celsius"
                className={styles.small}
                value={choice.unit ?? ''}
                onChange={(unit) => change(tidyChoice({ ...choice, unit }))}
              />
            </>
          )}
        </ChoiceList>
        <ChoiceList<MappingChoice>
          id={id('mapping')}
          title="Value mappings"
          one="value mapping"
          none="Text stays text"
          pathLabel={() => 'Path'}
          pathPlaceholder="state"
          choices={query.mappings ?? []}
          create={(path) => ({ path, true: 'ON', false: 'OFF' })}
          onChange={(mappings) => onChange(withChoices(query, 'mappings', mappings))}
        >
          {(choice, change, choiceId) => (
            <>
              <TextField
                id={`${choiceId}-true`}
                label="True"
                placeholder="ON"
                className={styles.small}
                value={choice.true}
                onChange={(word) => change({ ...choice, true: word })}
              />
              <TextField
                id={`${choiceId}-false`}
                label="False"
                placeholder="OFF"
                className={styles.small}
                value={choice.false}
                onChange={(word) => change({ ...choice, false: word })}
              />
            </>
          )}
        </ChoiceList>
        <ChoiceList<LabelChoice>
          id={id('label')}
          title="Labels"
          one="label"
          none="Each topic is one series"
          pathLabel={(choice) => (choice?.from === 'property' ? 'Property' : 'Path')}
          pathPlaceholder="model"
          choices={query.labels ?? []}
          create={(path) => ({ path })}
          onChange={(labels) => onChange(withChoices(query, 'labels', labels))}
        >
          {(choice, change, choiceId) => (
            <>
              <Field noMargin label="From" className={styles.small}>
                <Combobox
                  id={`${choiceId}-from`}
                  options={SOURCES}
                  value={choice.from ?? 'payload'}
                  onChange={({ value }) => change(tidyChoice({ ...choice, from: value }))}
                />
              </Field>
              <TextField
                id={`${choiceId}-name`}
                label="Name"
                placeholder="as the path ends"
                className={styles.small}
                value={choice.name ?? ''}
                onChange={(name) => change(tidyChoice({ ...choice, name }))}
              />
            </>
          )}
        </ChoiceList>
        <div className={styles.row}>
          <TextField
            id={id('rows')}
            label="Rows"
            placeholder="one for each message"
            className={styles.control}
            value={query.rows ?? ''}
            onChange={(text) => onChange(withText(query, 'rows', text))}
          />
          <TimeFields id={id} query={query} className={styles.control} onChange={onChange} />
          <Field noMargin label="Fill" className={styles.control}>
            <Combobox
              id={id('fill')}
              options={[...FILLS]}
              value={query.fill ?? 'none'}
              onChange={({ value }) => onChange(withFill(query, value))}
            />
          </Field>
        </div>
      </div>
    </Collapse>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    section: css({ flex: 'none', margin: 0, border: 'none', background: 'none', '& > div': { paddingLeft: 0 } }),
    label: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      columnGap: theme.spacing(2),
      fontSize: theme.typography.bodySmall.fontSize,
    }),
    summary: css({
      color: theme.colors.text.secondary,
      fontWeight: theme.typography.fontWeightRegular,
      overflowWrap: 'anywhere',
    }),
    content: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(2) }),
    row: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'flex-start',
      gap: theme.spacing(1.5, 2),
      '&:empty': { display: 'none' },
    }),
    control: css({
      flex: '1 1 0',
      minWidth: theme.spacing(22),
      maxWidth: theme.spacing(34),
      // One to a line there, as wide as the fields above.
      [theme.breakpoints.down('sm')]: { maxWidth: 'none' },
    }),
    small: css({ flex: '1 1 0', minWidth: theme.spacing(14), maxWidth: theme.spacing(24) }),
  };
}
