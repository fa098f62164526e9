import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import type { MappingChoice } from '../types';

interface Props {
  offers: readonly MappingChoice[];
  onUse: (mapping: MappingChoice) => void;
}

/** As many as are read; a device that sends more of them gets the rest offered when these are taken. */
const MAX_OFFERS = 4;

/** Offers to take text that is one of two words as 1 and 0, which state timelines, stats and graphs can show. */
export function MappingOffers({ offers, onUse }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const shown = offers.slice(0, MAX_OFFERS);
  return (
    <ul aria-label="Value mappings offered" className={styles.list}>
      {shown.map((mapping) => (
        <li key={mapping.path} className={styles.offer}>
          <span className={styles.text}>
            <code>{mapping.path}</code> comes as {mapping.true} or {mapping.false}.
          </span>
          <Button
            size="sm"
            variant="secondary"
            fill="outline"
            tooltip={`Numbers that panels show as ${mapping.true} and ${mapping.false}: they can be drawn and counted`}
            onClick={() => onUse(mapping)}
          >
            Map {mapping.path} to 1 and 0
          </Button>
        </li>
      ))}
      {offers.length > shown.length && <li>And {offers.length - shown.length} more.</li>}
    </ul>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({
      ...theme.typography.bodySmall,
      display: 'flex',
      flexDirection: 'column',
      gap: theme.spacing(0.5),
      margin: 0,
      color: theme.colors.text.secondary,
      listStyle: 'none',
    }),
    offer: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(0.5, 1) }),
    text: css({ overflowWrap: 'anywhere' }),
  };
}
