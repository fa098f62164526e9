import { css } from '@emotion/css';
import type { DataSourceApi, GrafanaTheme2, QueryEditorProps, SelectableValue } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { Alert, Collapse, Combobox, Field, RadioButtonGroup, useStyles2, type ComboboxOption } from '@grafana/ui';
import { type ComponentProps, useEffect, useId, useState } from 'react';
import { CredentialsForm } from '../components/CredentialsForm';
import { migrateQuery, QueryVersionError, withVersion } from '../migrate';
import { type FrameShape, MAX_ROWS, type MqttOptions, type MqttQuery, type Qos } from '../types';
import { ConnectionState } from './ConnectionState';
import { FORMATS } from './formats';
import { LegendField } from './LegendField';
import { MappingOffers } from './MappingOffers';
import { MessagesSeen } from './MessagesSeen';
import { NearestTopics } from './NearestTopics';
import { NumberField } from '../components/NumberField';
import { withMapping } from './payload';
import { PayloadSection } from './PayloadSection';
import {
  DEFAULT_FORMAT,
  DEFAULT_QOS,
  DEFAULT_SHAPE,
  labelNames,
  optionsSummary,
  REDUCTIONS,
  sameInEffect,
  tidyTopic,
  withField,
  withLimit,
} from './query';
import { reportIn } from './seen';
import { legendNames, topicWords } from './topic-words';
import { TopicField } from './TopicField';
import { useDraft } from '../components/use-draft';

/** What the editor needs of the data source. The data source itself imports this editor, for its variables. */
interface EditedDataSource extends DataSourceApi<MqttQuery, MqttOptions> {
  readonly prompt: ComponentProps<typeof CredentialsForm>['prompt'];
  /** @returns what is to be called when the editor closes. */
  openEditor(): () => void;
}

type Props = QueryEditorProps<EditedDataSource, MqttQuery, MqttOptions>;

const QOS: Array<ComboboxOption<Qos>> = [
  { value: 0, label: '0 – at most once', description: 'A message can be lost' },
  { value: 1, label: '1 – at least once', description: 'A message can repeat' },
  { value: 2, label: '2 – exactly once', description: 'Most traffic, no repeats' },
];

const SHAPES: Array<SelectableValue<FrameShape>> = [
  { value: 'series', label: 'Time series', description: 'A row per message' },
  { value: 'latest', label: 'Latest values', description: 'A row per topic, with its newest values' },
  { value: 'table', label: 'Table', description: 'A row per message, all topics together' },
  { value: 'logs', label: 'Logs', description: 'A line per message' },
  { value: 'annotations', label: 'Annotations', description: 'An event per message' },
];

/** A week: no browser tab stays open for longer on purpose. */
const MAX_SECONDS = 604_800;

/** The editor of one query, in dashboards and in Explore. What it saves has the current version. */
export function QueryEditor({ query, onChange, ...props }: Props): React.JSX.Element {
  let migrated: MqttQuery;
  try {
    migrated = migrateQuery(query);
  } catch (error) {
    if (error instanceof QueryVersionError) {
      return <Alert severity="error" title={error.message} bottomSpacing={0} />;
    }
    throw error;
  }
  return <QueryForm {...props} query={migrated} onChange={(next) => onChange(withVersion(next))} />;
}

function QueryForm({ datasource, query, onChange, onRunQuery, data }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(false);
  const [topic, setTopic] = useDraft(query.topic ?? '');
  const shape = query.shape ?? DEFAULT_SHAPE;
  // Topics near a query's are looked for while somebody writes it.
  useEffect(() => datasource.openEditor(), [datasource]);
  const words = topicWords(topic, shape, (line) => getTemplateSrv().containsTemplate(line));

  function change(next: MqttQuery): void {
    onChange(next);
    if (!sameInEffect(query, next)) {
      onRunQuery();
    }
  }

  function commitTopic(): void {
    if (topic !== (query.topic ?? '')) {
      saveTopic(tidyTopic(topic));
    }
  }

  function saveTopic(tidy: string): void {
    setTopic(tidy);
    if (tidy !== query.topic) {
      change({ ...query, topic: tidy });
    }
  }

  // Several editors on a page can have the same refId, and a label must find its own control.
  const unique = useId();
  const id = (name: string) => `mqtt-query-${name}-${query.refId}-${unique}`;
  const report = reportIn(data, query.refId);
  // What the topic field says already is not said twice.
  const problems = report?.problems?.filter((problem) => problem !== words.problem) ?? [];

  return (
    <div className={styles.editor}>
      <CredentialsForm prompt={datasource.prompt} id={id('viewer')} />
      <TopicField id={id('topic')} draft={topic} words={words} onDraft={setTopic} onCommit={commitTopic} />
      {report?.nearest !== undefined && <NearestTopics nearest={report.nearest} topic={topic} onUse={saveTopic} />}
      {problems.map((problem) => (
        <Alert key={problem} severity="error" title={problem} bottomSpacing={0} />
      ))}
      <ConnectionState connection={report?.connection} />
      {report !== undefined && <MessagesSeen id={id('seen')} report={report} />}
      {report?.mappings !== undefined && (
        <MappingOffers offers={report.mappings} onUse={(mapping) => change(withMapping(query, mapping))} />
      )}
      <div className={styles.row}>
        <Field noMargin label="Format" className={styles.format}>
          <Combobox
            id={id('format')}
            options={[...FORMATS]}
            value={query.format ?? DEFAULT_FORMAT}
            onChange={({ value }) => change(withField(query, 'format', value))}
          />
        </Field>
        <Field noMargin label="QoS" className={styles.qos}>
          <Combobox
            id={id('qos')}
            options={QOS}
            value={query.qos ?? DEFAULT_QOS}
            onChange={({ value }) => change(withField(query, 'qos', value))}
          />
        </Field>
        <Field noMargin label="Show as">
          <RadioButtonGroup
            aria-label="Show as"
            className={styles.shapes}
            options={SHAPES}
            value={shape}
            onChange={(value) => change(withField(query, 'shape', value))}
          />
        </Field>
        {/* Latest values have columns, and no series to be named. */}
        {shape === 'series' && (
          <LegendField
            id={id('legend')}
            value={query.legend ?? ''}
            names={legendNames([...words.names, ...labelNames(query)])}
            className={styles.legend}
            onChange={(legend) => change(withField(query, 'legend', legend))}
          />
        )}
      </div>
      <div className={styles.folded}>
        <PayloadSection id={id} query={query} onChange={change} />
        <Collapse
          className={styles.options}
          isOpen={open}
          onToggle={setOpen}
          label={
            <span className={styles.optionsLabel}>
              Options
              {!open && <span className={styles.summary}>{optionsSummary(query)}</span>}
            </span>
          }
        >
          <div className={styles.row}>
            <NumberField
              id={id('keep-rows')}
              label="Keep rows"
              description="Per series; the oldest go first."
              unit="rows"
              value={query.keep?.rows}
              unset="as needed"
              min={1}
              max={MAX_ROWS}
              onChange={(value) => change(withLimit(query, 'rows', value))}
            />
            <NumberField
              id={id('keep-seconds')}
              label="Keep for"
              description="Older rows go, room or not."
              unit="seconds"
              value={query.keep?.seconds}
              min={1}
              max={MAX_SECONDS}
              onChange={(value) => change(withLimit(query, 'seconds', value))}
            />
            {shape === 'series' && (
              <Field noMargin label="Reduce" description="With more rows than pixels." className={styles.reduce}>
                <Combobox
                  id={id('reduce')}
                  options={REDUCTIONS}
                  value={query.reduce ?? 'auto'}
                  onChange={({ value }) => change(withField(query, 'reduce', value === 'auto' ? undefined : value))}
                />
              </Field>
            )}
          </div>
        </Collapse>
      </div>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    editor: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5), minWidth: 0 }),
    row: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'flex-start', gap: theme.spacing(1.5, 2) }),
    format: css({ flex: '1 1 0', minWidth: theme.spacing(18), maxWidth: theme.spacing(24) }),
    qos: css({ flex: '1 1 0', minWidth: theme.spacing(20), maxWidth: theme.spacing(24) }),
    // Five do not fit side by side where the editor is narrow.
    shapes: css({ flexWrap: 'wrap' }),
    reduce: css({ flex: '1 1 0', minWidth: theme.spacing(24), maxWidth: theme.spacing(30) }),
    legend: css({ flex: '1 1 0', minWidth: theme.spacing(28), maxWidth: theme.spacing(50) }),
    // Two headers, one below the other, with the room that they have themselves in between.
    folded: css({ display: 'flex', flexDirection: 'column' }),
    // As in Grafana's own editors: the header is a line of the form, not a panel in it.
    options: css({ flex: 'none', margin: 0, border: 'none', background: 'none', '& > div': { paddingLeft: 0 } }),
    optionsLabel: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      columnGap: theme.spacing(2),
      fontSize: theme.typography.bodySmall.fontSize,
    }),
    summary: css({ color: theme.colors.text.secondary, fontWeight: theme.typography.fontWeightRegular }),
  };
}
