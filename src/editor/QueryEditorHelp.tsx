import { css } from '@emotion/css';
import type { GrafanaTheme2, QueryEditorHelpProps } from '@grafana/data';
import { Icon, Text, useStyles2 } from '@grafana/ui';
import { migrateQuery, withVersion } from '../migrate';
import type { MqttQuery } from '../types';
import { type Example, PART_EXAMPLES, TOPIC_EXAMPLES, withPart } from './help-examples';

type Props = QueryEditorHelpProps<MqttQuery>;

const SYNTAX: Array<[syntax: string, meaning: string]> = [
  ['home/kitchen/temperature', 'Only this topic. Capitals count, and so does a slash at either end.'],
  ['home/+/temperature', '“+” matches one level: home/kitchen/temperature, home/bath/temperature.'],
  [
    'home/#',
    '“#” matches all levels below: home/kitchen/temperature, home/door, and home itself. It must be the last level.',
  ],
  ['$SYS/#', 'Only a filter that begins with “$” matches topics that begin with “$”.'],
];

const NAMED: Array<[syntax: string, meaning: string]> = [
  ['home/{room}/temperature', 'Like “+”. Each series gets the label room, which the legend can use as {{room}}.'],
  ['factory/{line}/{rest#}', 'Like “#”. The remaining levels become the label rest.'],
];

const VARIABLES: Array<[syntax: string, meaning: string]> = [
  [
    'home/$room/temperature',
    'The value of the variable room. If the variable has several values, the query subscribes to each.',
  ],
  ['home/${room:raw}', 'Allows a value that contains “+”, “#” or “/”. Without :raw, such a value is refused.'],
];

/** The cheat sheet: the syntax of topic filters, and examples that fill the query when they are clicked. */
export function QueryEditorHelp({ query, onClickExample }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);

  function chooseTopic(example: Example): void {
    // The next example must not have the shape and legend of the one before.
    const { shape: _shape, legend: _legend, ...rest } = readable(query);
    onClickExample(withVersion({ ...rest, ...example.query }));
  }

  return (
    <div className={styles.help}>
      <Text element="h2" variant="h4">
        MQTT topics
      </Text>
      <Examples examples={TOPIC_EXAMPLES} onClick={chooseTopic} />
      <Syntax title="Topic filters" rows={SYNTAX} />
      <Syntax title="Named levels" rows={NAMED} />
      <Syntax title="Variables" rows={VARIABLES} />
      <Text element="h2" variant="h4">
        Examples for the payload
      </Text>
      <Text color="secondary">A click adds the example to this query. Everything else in the query stays.</Text>
      {PART_EXAMPLES.map(({ title, examples }) => (
        <section key={title} aria-label={title} className={styles.section}>
          <Text element="h3" variant="h5">
            {title}
          </Text>
          <Examples
            examples={examples}
            onClick={(example) => onClickExample(withVersion(withPart(readable(query), example.query)))}
          />
        </section>
      ))}
    </div>
  );
}

interface ExamplesProps {
  examples: readonly Example[];
  onClick: (example: Example) => void;
}

function Examples({ examples, onClick }: ExamplesProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.examples}>
      {examples.map((example) => (
        <button key={example.title} type="button" className={styles.example} onClick={() => onClick(example)}>
          <span className={styles.title}>
            {example.title}
            <Icon name="arrow-right" className={styles.arrow} />
          </span>
          <span className={styles.description}>{example.description}</span>
          <code className={styles.topic}>{example.code}</code>
        </button>
      ))}
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
  rows: Array<[syntax: string, meaning: string]>;
}

function Syntax({ title, rows }: SyntaxProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  return (
    <table className={styles.table}>
      <caption className={styles.caption}>{title}</caption>
      <tbody>
        {rows.map(([syntax, meaning]) => (
          <tr key={syntax}>
            <th scope="row" className={styles.syntax}>
              <code>{syntax}</code>
            </th>
            <td className={styles.meaning}>{meaning}</td>
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
    section: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
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
    description: css({ ...theme.typography.bodySmall, flexGrow: 1, color: theme.colors.text.secondary }),
    topic: css({ alignSelf: 'flex-start', margin: 0, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
    table: css({ width: '100%', tableLayout: 'fixed' }),
    caption: css({
      ...theme.typography.h5,
      captionSide: 'top',
      padding: theme.spacing(0.5, 0),
      color: theme.colors.text.primary,
      textAlign: 'left',
    }),
    syntax: css({
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
    meaning: css({
      padding: theme.spacing(0.75, 0),
      borderBottom: `1px solid ${theme.colors.border.weak}`,
      color: theme.colors.text.secondary,
      verticalAlign: 'top',
      [narrow]: { display: 'block' },
    }),
  };
}
