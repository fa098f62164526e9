import { css } from '@emotion/css';
import type { DataSourcePluginOptionsEditorProps, GrafanaTheme2 } from '@grafana/data';
import { Text, useStyles2 } from '@grafana/ui';
import { useEffect, useState } from 'react';
import type { MqttOptions, ServerSecrets } from '../types';
import { setTestAnswer } from '../viewer-data';
import { AuthenticationSection } from './AuthenticationSection';
import {
  discoveryProblem,
  headersProblem,
  historyTopicProblem,
  homieProblem,
  tokenUrlProblem,
  topicRootProblem,
  usernameProblem,
} from './checks';
import { ConnectionSection } from './ConnectionSection';
import { DiscoverySection } from './DiscoverySection';
import { HistorySection } from './HistorySection';
import { LimitsSection } from './LimitsSection';
import { MqttSection } from './MqttSection';
import { SaveRefused } from './save-refused';
import { TopicTreeSection } from './TopicTreeSection';
import type { EditedSettings } from './settings-change';
import { checkUrl, type Access } from './url';
import { useSaveGate, type Problems, type SaveGate } from './use-save-gate';

type Props = DataSourcePluginOptionsEditorProps<MqttOptions, ServerSecrets> & { validation?: SaveGate };

/** The settings of a data source, documented in `docs/configure.md`. */
export function ConfigEditor({ options: given, onOptionsChange, validation }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const options: EditedSettings = given;
  const access: Access = options.access === 'direct' ? 'direct' : 'proxy';
  const url = checkUrl(options.url ?? '', access, window.location);
  const [numbers, setNumbers] = useState<Problems>({});
  const refused = useSaveGate(validation, {
    ...numbers,
    url: url.problem,
    username: usernameProblem(options),
    tokenUrl: tokenUrlProblem(options),
    headers: headersProblem(options),
    topicRoot: topicRootProblem(options),
    discovery: discoveryProblem(options),
    homie: homieProblem(options),
    historyTopic: historyTopicProblem(options),
  });
  useEffect(() => () => setTestAnswer(options.uid, undefined), [options.uid]);
  const onProblem = (field: string, problem: string | undefined): void =>
    setNumbers((before) => ({ ...before, [field]: problem }));
  const section = { options, onChange: onOptionsChange };

  return (
    <SaveRefused.Provider value={refused}>
      <div className={styles.editor}>
        <p className={styles.about}>
          The browser of each viewer connects to an MQTT broker over WebSockets.
          <br />
          <Text color="secondary">Fields marked with * are required.</Text>
        </p>
        <ConnectionSection
          uid={options.uid}
          url={options.url ?? ''}
          access={access}
          check={url}
          disabled={options.readOnly}
          onChange={(connection) => {
            setTestAnswer(options.uid, undefined);
            onOptionsChange({
              ...options,
              ...connection,
              // With direct access, Grafana sends the password of basic auth to every browser.
              basicAuth: options.basicAuth && connection.access === 'proxy',
            });
          }}
        />
        <AuthenticationSection {...section} />
        <MqttSection {...section} onProblem={onProblem} />
        <TopicTreeSection {...section} />
        <DiscoverySection {...section} />
        <HistorySection {...section} onProblem={onProblem} />
        <LimitsSection {...section} onProblem={onProblem} />
      </div>
    </SaveRefused.Provider>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    editor: css({ maxWidth: theme.spacing(90), marginTop: theme.spacing(2) }),
    about: css({ marginBottom: theme.spacing(4) }),
  };
}
