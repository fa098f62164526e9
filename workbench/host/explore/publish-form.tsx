import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Field, Input, RadioButtonGroup, Switch, Text, useStyles2 } from '@grafana/ui';
import { useId, useState } from 'react';

import { OWN_TOPIC } from '../../publish-command';
import { useWorkbench } from '../workbench-context';
import { publish } from './publish';
import { PublishHint } from './publish-hint';

interface Props {
  /** A topic that the first query matches; undefined if there is none to be had. */
  topic: string | undefined;
  /** `mqtt://…` of the workbench's own broker, if it has one. */
  broker: string | undefined;
}

type Qos = 0 | 1 | 2;

const QOS: Array<{ value: Qos; label: string }> = [
  { value: 0, label: '0' },
  { value: 1, label: '1' },
  { value: 2, label: '2' },
];

/** Publishes a message to the data source's broker. Grafana has nothing like it: the plugin only subscribes. */
export function PublishForm({ topic = OWN_TOPIC, broker }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { dataSources } = useWorkbench();
  const id = useId();
  const [own, setOwn] = useState<string>();
  const [payload, setPayload] = useState('21.5');
  const [qos, setQos] = useState<Qos>(0);
  const [retain, setRetain] = useState(false);
  const [result, setResult] = useState<{ text: string; failed: boolean }>();

  const send = async () => {
    const message = { topic: own ?? topic, payload, qos, retain };
    setResult(undefined);
    try {
      await publish(dataSources.settings, message);
      setResult({ text: `Published to ${message.topic}`, failed: false });
    } catch (error) {
      setResult({ text: `Not published: ${error instanceof Error ? error.message : String(error)}`, failed: true });
    }
  };
  return (
    <form
      aria-label="Publish a message"
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Field label="Publish to" htmlFor={`${id}-topic`} noMargin>
        <Input
          id={`${id}-topic`}
          width={40}
          value={own ?? topic}
          onChange={(event) => setOwn(event.currentTarget.value)}
        />
      </Field>
      <Field label="Message" htmlFor={`${id}-payload`} noMargin>
        <Input
          id={`${id}-payload`}
          width={30}
          value={payload}
          onChange={(event) => setPayload(event.currentTarget.value)}
        />
      </Field>
      <Field label="QoS" noMargin>
        <RadioButtonGroup aria-label="QoS of the message" options={QOS} value={qos} onChange={setQos} />
      </Field>
      <Field label="Retained" htmlFor={`${id}-retain`} noMargin>
        <div className={styles.switch}>
          <Switch id={`${id}-retain`} value={retain} onChange={(event) => setRetain(event.currentTarget.checked)} />
        </div>
      </Field>
      <Button type="submit" variant="secondary">
        Publish
      </Button>
      <div className={styles.result} role="status" aria-label="Published">
        {result && <Text color={result.failed ? 'error' : 'secondary'}>{result.text}</Text>}
      </div>
      {broker !== undefined && <PublishHint broker={broker} topic={own ?? topic} />}
    </form>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    form: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1, 2), alignItems: 'flex-end' }),
    switch: css({ display: 'flex', alignItems: 'center', height: theme.spacing(4) }),
    result: css({ display: 'flex', alignItems: 'center', minHeight: theme.spacing(4), overflowWrap: 'anywhere' }),
  };
}
