import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Field, IconButton, Input, SecretInput, useStyles2 } from '@grafana/ui';
import { useContext, useState } from 'react';
import { headerProblem } from './checks';
import { SaveRefused } from './save-refused';
import {
  headersOf,
  withAddedHeader,
  withHeaderName,
  withoutHeader,
  withoutSecret,
  withSecret,
  type SectionProps,
} from './settings-change';

/** Custom HTTP headers, in the form that Grafana has for every data source. */
export function HeadersField({ options, onChange }: SectionProps): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const headers = headersOf(options);
  // The name of a new header is empty. That is not an error until the field was visited.
  const [fresh, setFresh] = useState<number>();
  const refused = useContext(SaveRefused);
  return (
    <div role="group" aria-label="Headers" className={styles.headers}>
      {headers.map(({ number, name, value, stored }) => {
        const problem = number === fresh && name === '' && !refused ? undefined : headerProblem(name);
        return (
          <div key={number} className={styles.header}>
            <Field
              noMargin
              label={`Header ${number}`}
              className={styles.field}
              disabled={options.readOnly}
              invalid={problem !== undefined}
              error={<span id={`mqtt-config-header-${number}-problem`}>{problem}</span>}
            >
              <Input
                id={`mqtt-config-header-${number}`}
                autoComplete="off"
                spellCheck={false}
                placeholder="Authorization"
                value={name}
                aria-invalid={problem !== undefined}
                aria-describedby={problem === undefined ? undefined : `mqtt-config-header-${number}-problem`}
                onChange={(event) => onChange(withHeaderName(options, number, event.currentTarget.value.trim()))}
                onBlur={() => setFresh(undefined)}
              />
            </Field>
            <Field noMargin label={`Value ${number}`} className={styles.field} disabled={options.readOnly}>
              <SecretInput
                id={`mqtt-config-header-value-${number}`}
                autoComplete="new-password"
                placeholder="Bearer …"
                isConfigured={stored}
                value={value}
                onChange={(event) =>
                  onChange(withSecret(options, `httpHeaderValue${number}`, event.currentTarget.value))
                }
                onReset={() => onChange(withoutSecret(options, `httpHeaderValue${number}`))}
              />
            </Field>
            <IconButton
              name="trash-alt"
              tooltip={`Remove header ${number}`}
              className={styles.remove}
              disabled={options.readOnly}
              onClick={() => onChange(withoutHeader(options, number))}
            />
          </div>
        );
      })}
      <div>
        <Button
          type="button"
          variant="secondary"
          size="sm"
          icon="plus"
          disabled={options.readOnly}
          onClick={() => {
            setFresh(headers.length + 1);
            onChange(withAddedHeader(options));
          }}
        >
          Add header
        </Button>
      </div>
    </div>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    headers: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1.5) }),
    header: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'flex-start', gap: theme.spacing(1) }),
    field: css({ flex: '1 1 0', minWidth: theme.spacing(20) }),
    // At the height of the inputs, below their labels.
    remove: css({ marginTop: theme.spacing(3.25) }),
  };
}
