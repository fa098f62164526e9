import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import { useStyles2 } from '@grafana/ui';
import { useEffect, useState } from 'react';
import type { ExplorerClient } from '../../connection/explorer-client';
import type { Completion } from '../../engine/explorer-protocol';
import { count } from '../../utils/format-number';
import { asWritten, explorableLine, localCompletions } from './completions';
import { lineAt } from './levels';
import { useExplored } from './use-explorer';

interface Props {
  id: string;
  /** The id of the topic field. */
  inputId: string;
  explorer: ExplorerClient | undefined;
  /** The text of the topic field. */
  draft: string;
  onDraft: (text: string) => void;
  /** The topic browser shows what is on the broker. */
  browsing: boolean;
}

/** Completions of the topic field, level by level, below the field while somebody types in it. */
export function TopicCompletions({ id, inputId, explorer, draft, onDraft, browsing }: Props): React.JSX.Element | null {
  const styles = useStyles2(getStyles);
  const [typed, setTyped] = useState(document.activeElement?.id === inputId);
  const [completions, setCompletions] = useState<readonly Completion[]>([]);
  const [active, setActive] = useState(-1);
  const topics = useExplored(explorer, 'view')?.topics ?? 0;
  const isOpen = typed && completions.length > 0;

  useEffect(() => {
    const input = inputOf(inputId);
    if (input === null || !typed) {
      return undefined;
    }
    const { line } = lineAt(draft, input.selectionStart);
    const hasVariables = (text: string): boolean => getTemplateSrv().containsTemplate(text);
    const names = getTemplateSrv()
      .getVariables()
      .map(({ name }) => name);
    const local = localCompletions(line, names);
    let current = true;
    const show = (found: readonly Completion[]): void => {
      if (current) {
        // A level that is written already is not a completion.
        setCompletions([...local, ...found].filter((each) => each.branch || each.line !== line));
        setActive(-1);
      }
    };
    // An empty field offers what is on the broker; an empty line among others is on its way to a filter.
    if (explorer === undefined || topics === 0 || (line.trim() === '' && (browsing || draft.trim() !== ''))) {
      show([]);
    } else {
      void explorer
        .complete(explorableLine(line, hasVariables))
        .then((found) => show(found.map((each) => asWritten(each, line))));
    }
    return () => {
      current = false;
    };
  }, [explorer, draft, inputId, typed, topics, browsing]);

  function onKeyDown(event: KeyboardEvent): void {
    if (!isOpen || event.isComposing) {
      return;
    }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((active + step + completions.length + (active === -1 && step < 0 ? 1 : 0)) % completions.length);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && active >= 0) {
      accept(completions[active]);
    } else if (event.key === 'Escape') {
      setTyped(false);
    } else {
      if (event.key === 'Enter') {
        setTyped(false);
      }
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // Keys are taken before the topic field gets them: Enter would run the query.
  useEffect(() => {
    const input = inputOf(inputId);
    input?.addEventListener('keydown', onKeyDown);
    return () => input?.removeEventListener('keydown', onKeyDown);
  });

  useEffect(() => {
    const input = inputOf(inputId);
    const onInput = (): void => setTyped(true);
    const onFocus = (): void => {
      if (input?.value.trim() === '') {
        setTyped(true);
      }
    };
    const onBlur = (): void => setTyped(false);
    input?.addEventListener('input', onInput);
    input?.addEventListener('focus', onFocus);
    input?.addEventListener('blur', onBlur);
    return () => {
      input?.removeEventListener('input', onInput);
      input?.removeEventListener('focus', onFocus);
      input?.removeEventListener('blur', onBlur);
    };
  }, [inputId]);

  // For screen readers: the field says which completion is chosen.
  useEffect(() => {
    const input = inputOf(inputId);
    input?.setAttribute('aria-autocomplete', 'list');
    setOrRemove(input, 'aria-controls', isOpen ? id : undefined);
    setOrRemove(input, 'aria-activedescendant', isOpen && active >= 0 ? `${id}-${active}` : undefined);
  }, [id, inputId, isOpen, active]);

  function accept({ line, branch }: Completion): void {
    const input = inputOf(inputId);
    const { from, to } = lineAt(draft, input?.selectionStart ?? draft.length);
    const text = branch ? `${line}/` : line;
    onDraft(draft.slice(0, from) + text + draft.slice(to));
    // After React has written the text, which moves the caret to the end.
    setTimeout(() => input?.setSelectionRange(from + text.length, from + text.length));
  }

  if (!isOpen) {
    return null;
  }
  return (
    <ul id={id} role="listbox" aria-label="Topics that exist" className={styles.list}>
      {completions.map((completion, i) => (
        <li
          key={completion.line}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === active}
          className={cx(styles.option, i === active && styles.active)}
          // The field keeps the focus.
          onMouseDown={(event) => {
            event.preventDefault();
            accept(completion);
          }}
        >
          <span className={styles.label}>
            {completion.label === '' ? '(empty)' : completion.label}
            {completion.branch && '/'}
          </span>
          {completion.branch && <span className={styles.topics}>{count(completion.topics, 'topic')}</span>}
        </li>
      ))}
    </ul>
  );
}

function inputOf(id: string): HTMLTextAreaElement | null {
  return document.getElementById(id) as HTMLTextAreaElement | null;
}

function setOrRemove(element: Element | null, name: string, value: string | undefined): void {
  if (value === undefined) {
    element?.removeAttribute(name);
  } else {
    element?.setAttribute(name, value);
  }
}

function getStyles(theme: GrafanaTheme2) {
  return {
    list: css({
      position: 'absolute',
      top: theme.spacing(0.5),
      left: 0,
      right: 0,
      zIndex: theme.zIndex.dropdown,
      maxHeight: theme.spacing(36),
      margin: 0,
      padding: theme.spacing(0.5, 0),
      overflowY: 'auto',
      listStyle: 'none',
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      background: theme.colors.background.elevated,
      boxShadow: theme.shadows.z2,
    }),
    option: css({
      display: 'flex',
      alignItems: 'baseline',
      gap: theme.spacing(1),
      padding: theme.spacing(0.5, 1),
      cursor: 'pointer',
      '&:hover': { background: theme.colors.action.hover },
    }),
    active: css({ background: theme.colors.action.selected }),
    label: css({
      flex: '1 1 0',
      minWidth: 0,
      fontFamily: theme.typography.fontFamilyMonospace,
      fontSize: theme.typography.bodySmall.fontSize,
      overflowWrap: 'anywhere',
    }),
    topics: css({ ...theme.typography.bodySmall, flex: 'none', color: theme.colors.text.secondary }),
  };
}
