import { Alert } from '@grafana/ui';

import { messageOf } from '../../src/utils/errors';
import { Themed, useWorkbenchTheme } from './theme';

/** The page if the plugin did not load. */
export function StartupError({ error }: { error: unknown }): React.JSX.Element {
  const { theme } = useWorkbenchTheme(undefined);
  return (
    <Themed theme={theme}>
      <main style={{ maxWidth: theme.breakpoints.values.md, margin: '0 auto', padding: theme.spacing(4, 2) }}>
        <Alert severity="error" title="The plugin did not load">
          {messageOf(error)}
        </Alert>
      </main>
    </Themed>
  );
}
