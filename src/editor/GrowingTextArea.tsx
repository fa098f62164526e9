import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { TextArea, useStyles2 } from '@grafana/ui';
import type { ComponentProps } from 'react';

interface Props extends Omit<ComponentProps<typeof TextArea>, 'ref' | 'value'> {
  value: string;
}

/**
 * A text area as tall as its text. A hidden twin with the same text and box sets the height, so that it also follows
 * the width, without measuring anything in script.
 */
export function GrowingTextArea({ className, ...props }: Props): React.JSX.Element {
  const styles = useStyles2(getStyles);
  // An empty last line has no height without a character.
  return (
    <div className={styles.grow} data-twin={`${props.value || (props.placeholder ?? '')}\u200B`}>
      <TextArea {...props} rows={1} className={cx(styles.text, className)} />
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  const box = {
    gridArea: '1 / 1 / 2 / 2',
    minWidth: 0,
    minHeight: theme.spacing(theme.components.height.md),
    maxHeight: theme.spacing(32),
    padding: theme.spacing(0.625, 1),
    fontFamily: theme.typography.fontFamilyMonospace,
    fontSize: theme.typography.size.sm,
    lineHeight: theme.typography.body.lineHeight,
    letterSpacing: 'normal',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  } as const;
  return {
    grow: css({
      display: 'grid',
      '&::after': {
        ...box,
        content: 'attr(data-twin)',
        visibility: 'hidden',
        border: '1px solid transparent',
        overflow: 'hidden',
      },
    }),
    text: css({ ...box, resize: 'none', overflowY: 'auto' }),
  };
}
