import { css } from '@emotion/css';
import type { GrafanaTheme2, QueryEditorHelpProps } from '@grafana/data';
import { Icon, Text, useStyles2 } from '@grafana/ui';
import { migrateQuery, withVersion } from '../migrate';
import type { MqttQuery } from '../types';

type Props = QueryEditorHelpProps<MqttQuery>;

interface Example {
  title: string;
  says: string;
  query: Pick<MqttQuery, 'topic' | 'shape' | 'legend'>;
}

const EXAMPLES: Example[] = [
  { title: 'One sensor', says: 'Exactly this topic.', query: { topic: 'home/kitchen/temperature' } },
  {
    title: 'Every room, by name',
    says: 'One series for each room, named after it.',
    query: { topic: 'home/{room}/temperature', legend: '{{room}}' },
  },
  {
    title: 'Everything a machine says',
    says: 'Every topic below it; the rest of the topic is a label.',
    query: { topic: 'factory/{machine}/{rest#}', legend: '{{machine}} {{rest}} {{field}}' },
  },
  {
    title: 'Two kinds of topic',
    says: 'Several filters, one a line.',
    query: { topic: 'home/{room}/temperature\nhome/{room}/humidity', legend: '{{room}} {{topic}}' },
  },
  {
    title: 'What is on this broker?',
    says: 'A row for each topic that has something to say.',
    query: { topic: '#', shape: 'latest' },
  },
];

const SYNTAX: Array<[write: string, means: string]> = [
  ['home/kitchen/temperature', 'Exactly this topic. Capitals count, and so does a slash at either end.'],
  ['home/+/temperature', '“+” is any one level: home/kitchen/temperature, home/bath/temperature.'],
  ['home/#', '“#” is every level below: home/kitchen/temperature, home/door, and home itself. Only at the end.'],
  ['$SYS/#', 'Topics that begin with “$” are matched only by a filter that begins so.'],
];

const NAMED: Array<[write: string, means: string]> = [
  ['home/{room}/temperature', 'As “+”, and each series gets the label room. Use it in the legend as {{room}}.'],
  ['factory/{line}/{rest#}', 'As “#”, and the remaining levels become the label rest.'],
];

const VARIABLES: Array<[write: string, means: string]> = [
  ['home/$room/temperature', 'The value of the variable room. One with several values subscribes to each of them.'],
  ['home/${room:raw}', 'Allows a value that holds “+”, “#” or “/”, which is refused otherwise.'],
];

/** The cheat sheet: what can be written as a topic, and examples that fill the query when they are clicked. */
export function QueryEditorHelp({ query, onClickExample }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);

  function choose(example: Example): void {
    // What one example set must not linger in the next.
    const { shape: _shape, legend: _legend, ...kept } = readable(query);
    onClickExample(withVersion({ ...kept, ...example.query }));
  }

  return (
    <div className={styles.help}>
      <Text element="h2" variant="h4">
        MQTT topics
      </Text>
      <div className={styles.examples}>
        {EXAMPLES.map((example) => (
          <button key={example.title} type="button" className={styles.example} onClick={() => choose(example)}>
            <span className={styles.title}>
              {example.title}
              <Icon name="arrow-right" className={styles.arrow} />
            </span>
            <span className={styles.says}>{example.says}</span>
            <code className={styles.topic}>{example.query.topic}</code>
          </button>
        ))}
      </div>
      <Syntax title="Topic filters" rows={SYNTAX} />
      <Syntax title="Named levels" rows={NAMED} />
      <Syntax title="Variables" rows={VARIABLES} />
    </div>
  );
}

/** The query in the current version; of one that cannot be read, only what belongs to every data source's query. */
function readable(query: MqttQuery): MqttQuery {
  try {
    return migrateQuery(query);
  } catch {
    const { refId, key, hide, datasource } = query;
    return { refId, key, hide, datasource, topic: '' };
  }
}

interface SyntaxProps {
  title: string;
  rows: Array<[write: string, means: string]>;
}

function Syntax({ title, rows }: SyntaxProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <table className={styles.table}>
      <caption className={styles.caption}>{title}</caption>
      <tbody>
        {rows.map(([write, means]) => (
          <tr key={write}>
            <th scope="row" className={styles.write}>
              <code>{write}</code>
            </th>
            <td className={styles.means}>{means}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function getStyles(theme: GrafanaTheme2) {
  const narrow = `@container (max-width: ${theme.spacing(60)})`;
  return {
    help: css({
      display: 'flex',
      flexDirection: 'column',
      gap: theme.spacing(2),
      maxWidth: theme.spacing(120),
      containerType: 'inline-size',
    }),
    examples: css({
      display: 'grid',
      gridTemplateColumns: `repeat(auto-fill, minmax(min(100%, ${theme.spacing(32)}), 1fr))`,
      gap: theme.spacing(1),
    }),
    example: css({
      display: 'flex',
      flexDirection: 'column',
      gap: theme.spacing(1),
      padding: theme.spacing(1.5),
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      background: theme.colors.background.secondary,
      textAlign: 'left',
      '&:hover': { background: theme.colors.emphasize(theme.colors.background.secondary, 0.03) },
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}` },
    }),
    title: css({
      display: 'flex',
      justifyContent: 'space-between',
      fontWeight: theme.typography.fontWeightMedium,
    }),
    arrow: css({ color: theme.colors.text.secondary }),
    says: css({ ...theme.typography.bodySmall, flexGrow: 1, color: theme.colors.text.secondary }),
    topic: css({ alignSelf: 'flex-start', margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
    table: css({ width: '100%', tableLayout: 'fixed' }),
    caption: css({
      ...theme.typography.h5,
      captionSide: 'top',
      padding: theme.spacing(0.5, 0),
      color: theme.colors.text.primary,
      textAlign: 'left',
    }),
    write: css({
      width: '40%',
      padding: theme.spacing(0.75, 2, 0.75, 0),
      borderBottom: `1px solid ${theme.colors.border.weak}`,
      color: theme.colors.text.secondary,
      fontWeight: theme.typography.fontWeightRegular,
      textAlign: 'left',
      verticalAlign: 'top',
      '& code': { margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
      [narrow]: { display: 'block', width: 'auto', borderBottom: 'none', paddingBottom: 0 },
    }),
    means: css({
      padding: theme.spacing(0.75, 0),
      borderBottom: `1px solid ${theme.colors.border.weak}`,
      color: theme.colors.text.secondary,
      verticalAlign: 'top',
      [narrow]: { display: 'block' },
    }),
  };
}
