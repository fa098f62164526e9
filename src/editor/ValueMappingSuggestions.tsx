import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import type { MappingChoice } from '../types';
import { plainList } from './plain-list';

interface Props {
  suggestions: readonly MappingChoice[];
  onUse: (mapping: MappingChoice) => void;
}

/** Nobody reads more at once. The rest is suggested when these are used. */
const MAX_SUGGESTIONS = 4;

/** Suggests to map texts that are one of two words to 1 and 0, which state timelines, stats and graphs can show. */
export function ValueMappingSuggestions({ suggestions, onUse }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const shown = suggestions.slice(0, MAX_SUGGESTIONS);
  return (
    <ul aria-label="Suggested value mappings" className={styles.list}>
      {shown.map((mapping) => (
        <li key={mapping.path} className={styles.suggestion}>
          <span className={styles.text}>
            <code>{mapping.path}</code> is {mapping.true} or {mapping.false}.
          </span>
          <Button
            size="sm"
            variant="secondary"
            fill="outline"
            tooltip={`Panels can draw and count the numbers, and show them as ${mapping.true} and ${mapping.false}`}
            onClick={() => onUse(mapping)}
          >
            Map {mapping.path} to 1 and 0
          </Button>
        </li>
      ))}
      {suggestions.length > shown.length && <li>And {suggestions.length - shown.length} more.</li>}
    </ul>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css(plainList(theme)),
    suggestion: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5, 1) }),
    text: css({ overflowWrap: 'anywhere' }),
  };
}
