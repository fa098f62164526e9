import { css } from '@emotion/css';
import { CoreApp, type DataSourceApi, type GrafanaTheme2, type QueryEditorProps } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { Alert, Button, Field, RadioButtonGroup, useStyles2 } from '@grafana/ui';
import { type ComponentProps, useEffect, useId, useRef, useState } from 'react';
import { CredentialsForm } from '../components/CredentialsForm';
import { DocsFolder } from './docs-folder';
import { FieldLabel } from './FieldLabel';
import { useDraft } from '../components/use-draft';
import { migrateQuery, QueryFormError, QueryVersionError, withVersion } from '../migrate';
import type { MqttOptions, MqttQuery } from '../types';
import { backToNow } from './back-to-now';
import { BackfillSection } from './BackfillSection';
import { CarriedMappings } from './CarriedMappings';
import { describeTopic } from './describe-topic';
import { diagnosticsOf } from './diagnostics-of';
import { FORMAT_CHOICES } from './formats';
import { legendNames } from './legend-names';
import { type InspectedDataSource, MessageInspector } from './inspector';
import { LegendField } from './LegendField';
import { OptionsSection } from './OptionsSection';
import { TopicAssist } from './picker';
import { PayloadSection } from './PayloadSection';
import {
  DEFAULT_FORMAT,
  DEFAULT_QOS,
  DEFAULT_SHAPE,
  withChoices,
  withField,
  withMapping,
  withPath,
} from './query-changes';
import { QueryFindings, QueryStatus } from './QueryStatus';
import { useUnitReveal } from './reveal-unit';
import { sameInEffect } from './same-in-effect';
import { SelectField } from './SelectField';
import { QOS, SHAPES } from './select-options';
import { useStable } from './use-stable';
import { tidyTopic, topicLines } from './topic-lines';
import { TopicField } from './TopicField';
import { WITHOUT_FIELDSET } from './without-fieldset';
import { HELP } from './help';

/** The part of the data source that the editor uses. The data source itself imports this editor, for its variables. */
interface EditedDataSource extends DataSourceApi<MqttQuery, MqttOptions>, InspectedDataSource {
  readonly prompt: ComponentProps<typeof CredentialsForm>['prompt'];
  /** An explorer, which is to be opened; undefined if the data source cannot connect. */
  readonly explore: ComponentProps<typeof TopicAssist>['datasource']['explore'];
  /** @returns what is to be called when the editor closes. */
  openEditor(): () => void;
}

type Props = QueryEditorProps<EditedDataSource, MqttQuery, MqttOptions>;

/** The editor of one query, in dashboards and in Explore. What it saves has the current version. */
export function QueryEditor({ query, onChange, ...props }: Props): React.JSX.Element {
  let migrated: MqttQuery;
  try {
    migrated = migrateQuery(query);
  } catch (error) {
    if (error instanceof QueryVersionError || error instanceof QueryFormError) {
      return <Alert severity="error" title={error.message} bottomSpacing={0} />;
    }
    throw error;
  }
  return (
    <DocsFolder.Provider value={docsFolderOf(props.datasource)}>
      <QueryForm {...props} query={migrated} onChange={(next) => onChange(withVersion(next))} />
    </DocsFolder.Provider>
  );
}

function docsFolderOf({ meta }: EditedDataSource): string | undefined {
  const baseUrl = (meta as EditedDataSource['meta'] | undefined)?.baseUrl;
  return baseUrl === undefined || baseUrl === '' ? undefined : `${baseUrl.replace(/\/$/, '')}/docs`;
}

function QueryForm({ datasource, query, onChange, onRunQuery, data, app, range }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  // The data source looks for topics near the query's while an editor is open.
  useEffect(() => datasource.openEditor(), [datasource]);
  const { qos = DEFAULT_QOS, format = DEFAULT_FORMAT, shape = DEFAULT_SHAPE } = query;
  const saved = query.topic ?? '';
  const [topic, setTopic] = useDraft(saved);
  const description = describeTopic(topic, query, (line) => getTemplateSrv().containsTemplate(line));
  const diagnostics = diagnosticsOf(data, query.refId);
  const [browsing, setBrowsing] = useState(false);
  const [inspecting, setInspecting] = useState(false);
  const [carriesMappings, setCarriesMappings] = useState(false);
  const [typing, setTyping] = useTyping();

  function change(next: MqttQuery): void {
    onChange(next);
    if (!sameInEffect(query, next)) {
      onRunQuery();
    }
  }

  function saveTopic(text: string): void {
    setTopic(text);
    if (text !== query.topic) {
      const before = topicLines(saved);
      setCarriesMappings(before.length > 0 && !topicLines(text).some((line) => before.includes(line)));
      change({ ...query, topic: text });
    }
  }

  // Several editors on a page can have the same refId, and a label must find its own control.
  const unique = useId();
  const id = (name: string) => `mqtt-query-${name}-${query.refId}-${unique}`;

  const payload = useUnitReveal(id('field'));
  const onInspectorChange = useStable(change);
  const onPick = useStable((text: string) => {
    saveTopic(text);
    setInspecting(true);
  });
  const onCloseBrowser = useStable(() => {
    setBrowsing(false);
    // Escape was pressed in what goes away: without this, the keyboard starts at the top of the page.
    document.getElementById(`${id('topic')}-browse`)?.focus();
  });

  return (
    <div className={styles.editor}>
      <CredentialsForm prompt={datasource.prompt} id={id('viewer')} />
      <div className={styles.topic}>
        <TopicField
          id={id('topic')}
          draft={topic}
          description={description}
          browsing={browsing}
          onDraft={(text) => {
            setTopic(text);
            setTyping(true);
          }}
          onCommit={() => topic !== saved && saveTopic(tidyTopic(topic))}
          onStart={() => setTyping(true)}
          onLeave={() => setTyping(false)}
          onBrowse={() => setBrowsing(!browsing)}
        />
        {(browsing || typing) && (
          <TopicAssist
            key={datasource.uid}
            id={id('browse')}
            inputId={id('topic')}
            datasource={datasource}
            draft={topic}
            onDraft={setTopic}
            onTopic={onPick}
            browsing={browsing}
            onClose={onCloseBrowser}
          />
        )}
      </div>
      <QueryStatus
        diagnostics={diagnostics}
        // While somebody types, what was wrong with the text before no longer is.
        onBackToNow={app === CoreApp.Explore ? undefined : () => backToNow(range)}
        problems={topic === saved ? (diagnostics?.problems ?? []).filter((each) => each !== description.problem) : []}
        qos={qos}
        isHidden={query.hide === true}
        topic={topic}
        onTopic={saveTopic}
      />
      {saved.trim() !== '' && (
        <div>
          <Button
            className={styles.inspect}
            id={id('inspect')}
            size="sm"
            variant="secondary"
            fill="text"
            icon={inspecting ? 'angle-down' : 'angle-right'}
            aria-expanded={inspecting}
            onClick={() => setInspecting(!inspecting)}
          >
            Inspect messages
          </Button>
          {inspecting && (
            <MessageInspector
              id={id('inspector')}
              datasource={datasource}
              query={query}
              sample={diagnostics?.sample}
              onChange={onInspectorChange}
              onUnit={payload.reveal}
            />
          )}
        </div>
      )}
      <div className={styles.row}>
        <SelectField
          id={id('format')}
          label="Format"
          help={HELP.format}
          className={styles.format}
          options={[...FORMAT_CHOICES]}
          value={format}
          onChange={(value) => change(withField(query, 'format', value))}
        />
        <SelectField
          id={id('qos')}
          label="QoS"
          help={HELP.qos}
          className={styles.qos}
          options={QOS}
          value={qos}
          onChange={(value) => change(withField(query, 'qos', value))}
        />
        <Field
          noMargin
          label={<FieldLabel htmlFor={id('shape')} label="Show as" help={HELP.shape} />}
          {...WITHOUT_FIELDSET}
        >
          <RadioButtonGroup
            aria-label="Show as"
            className={styles.shapes}
            options={SHAPES}
            value={shape}
            onChange={(value) => change(withField(query, 'shape', value))}
          />
        </Field>
        {/* Only time series have names. */}
        {shape === 'series' && (
          <LegendField
            id={id('legend')}
            value={query.legend ?? ''}
            names={legendNames(description.names, query)}
            className={styles.legend}
            onChange={(legend) => change(withField(query, 'legend', legend))}
          />
        )}
      </div>
      <div className={styles.folded}>
        <PayloadSection
          id={id}
          query={query}
          levels={description.names}
          missing={diagnostics?.missing}
          paths={diagnostics?.counts?.paths}
          lists={diagnostics?.counts?.lists}
          control={payload}
          onChange={change}
        />
        <OptionsSection id={id} query={query} onChange={change} />
        <BackfillSection
          id={id('backfill')}
          query={query}
          app={app}
          range={range}
          onChange={onChange}
          onRunQuery={onRunQuery}
        />
      </div>
      {carriesMappings && query.mappings !== undefined && (
        <CarriedMappings
          mappings={query.mappings}
          onKeep={() => setCarriesMappings(false)}
          onRemove={() => {
            setCarriesMappings(false);
            change(withChoices(query, 'mappings', []));
          }}
        />
      )}
      {diagnostics !== undefined && (
        <QueryFindings
          id={id('findings')}
          diagnostics={diagnostics}
          onMap={(mapping) => change(withMapping(query, mapping))}
          onUsePath={(kind, missing, path) => change(withPath(query, kind, missing, path))}
        />
      )}
    </div>
  );
}

/** How long an explorer stays open after the topic field was left, in milliseconds: people come back to it. */
const TYPING_LINGER_MS = 10_000;

/** Whether somebody types a topic, or did so a moment ago. */
function useTyping(): [typing: boolean, set: (typing: boolean) => void] {
  const [typing, setTyping] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return [
    typing,
    (now) => {
      clearTimeout(timer.current);
      if (now) {
        setTyping(true);
      } else {
        timer.current = setTimeout(() => setTyping(false), TYPING_LINGER_MS);
      }
    },
  ];
}

function getStyles(theme: GrafanaTheme2) {
  return {
    topic: css({ position: 'relative', display: 'flex', flexDirection: 'column', gap: theme.spacing(1), minWidth: 0 }),
    editor: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5), minWidth: 0 }),
    row: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'flex-start', gap: theme.spacing(1.5, 2) }),
    format: css({ flex: '1 1 0', minWidth: theme.spacing(18), maxWidth: theme.spacing(24) }),
    qos: css({ flex: '1 1 0', minWidth: theme.spacing(20), maxWidth: theme.spacing(24) }),
    // Five do not fit side by side in a narrow editor.
    shapes: css({ flexWrap: 'wrap' }),
    legend: css({ flex: '1 1 0', minWidth: theme.spacing(28), maxWidth: theme.spacing(50) }),
    // Its arrow is below the labels, as those of the folded sections are.
    inspect: css({ marginLeft: theme.spacing(-1) }),
    // No gap: the two headers have their own.
    folded: css({ display: 'flex', flexDirection: 'column' }),
  };
}
