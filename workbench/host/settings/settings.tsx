import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, Field, Input, useStyles2 } from '@grafana/ui';
import { useState } from 'react';

import { Section } from '../section';
import { column } from '../styles';
import { useWorkbench } from '../workbench-context';
import { testDataSource, type HealthCheckResult } from './save-and-test';
import { useValidation } from './use-validation';

/** The settings page of the data source, with the plugin's form. */
export function SettingsPage(): React.JSX.Element {
  const styles = useStyles2(getStyles);
  const { dataSources } = useWorkbench();
  const [options, setOptions] = useState(dataSources.settings);
  const [result, setResult] = useState<HealthCheckResult>();
  const [testing, setTesting] = useState(false);
  const validation = useValidation();
  const Editor = dataSources.plugin.components.ConfigEditor;

  async function saveAndTest(): Promise<void> {
    setResult(undefined);
    if (!(await validation.validate()) || !validation.isValid()) {
      setResult({
        severity: 'error',
        message: 'Not saved',
        details: Object.values(validation.getErrors()).join('\n'),
      });
      return;
    }
    // Save first: the test runs on a new instance, and every panel subscribes again through one (rule 8 of
    // docs/development/grafana-core.md).
    await dataSources.save(options);
    setOptions(dataSources.settings);
    setTesting(true);
    setResult(await testDataSource(dataSources.instance()));
    setTesting(false);
  }

  return (
    <Section id="settings" title="Settings" subtitle="The data source, as an administrator configures it">
      <form
        className={styles.form}
        aria-label="Data source settings"
        onSubmit={(event) => {
          event.preventDefault();
          void saveAndTest();
        }}
      >
        <Field noMargin label="Name" htmlFor="data-source-name">
          <Input
            id="data-source-name"
            width={40}
            value={options.name}
            onChange={(event) => setOptions({ ...options, name: event.currentTarget.value })}
          />
        </Field>
        {Editor && <Editor options={options} onOptionsChange={setOptions} validation={validation} />}
        {result && (
          <Alert severity={result.severity} title={result.message} bottomSpacing={0} data-testid="health-check">
            {result.details}
            {result.more !== undefined && <details className={styles.more}>{result.more}</details>}
          </Alert>
        )}
        <div>
          <Button type="submit" icon={testing ? 'spinner' : undefined} disabled={testing}>
            {testing ? 'Testing' : 'Save & test'}
          </Button>
        </div>
      </form>
    </Section>
  );
}

function getStyles(theme: GrafanaTheme2) {
  return {
    form: css({
      ...column(theme.spacing(3)),
      maxWidth: theme.breakpoints.values.lg,
      padding: theme.spacing(3),
      background: theme.colors.background.primary,
      border: `1px solid ${theme.colors.border.weak}`,
      borderRadius: theme.shape.radius.default,
      [theme.breakpoints.down('sm')]: { padding: theme.spacing(2) },
    }),
    more: css({ whiteSpace: 'pre-wrap' }),
  };
}
