import { Alert, Button, LoadingPlaceholder } from '@grafana/ui';
import { type ComponentType, type ReactElement, useEffect, useState } from 'react';
import { messageOf } from '../utils/errors';

/**
 * A component whose code is loaded when it is first shown. Until then a placeholder is shown; if the code does not come,
 * the reason and what to do.
 *
 * @param title what it is, for people: `Query editor`.
 * @param load rejects if the code does not come; called again when the viewer asks for it.
 */
export function lazyComponent<Props extends object>(
  title: string,
  load: () => Promise<ComponentType<Props>>
): (props: Props) => ReactElement {
  let Loaded: ComponentType<Props> | undefined;
  return function LazyComponent(props: Props): ReactElement {
    const [, setLoaded] = useState(Loaded !== undefined);
    const [reason, setReason] = useState<string>();
    const isWaiting = Loaded === undefined && reason === undefined;
    useEffect(() => {
      let isShown = isWaiting;
      if (isWaiting) {
        load().then(
          (component) => {
            Loaded = component;
            return isShown && setLoaded(true);
          },
          (error: unknown) => isShown && setReason(messageOf(error))
        );
      }
      return () => {
        isShown = false;
      };
    }, [isWaiting]);
    if (Loaded !== undefined) {
      return <Loaded {...props} />;
    }
    return reason === undefined ? (
      <LoadingPlaceholder text="Loading…" />
    ) : (
      <Alert severity="error" title={`${title}: not loaded`} bottomSpacing={0}>
        <p>{reason} Reload the page: the plugin may have been updated since it was opened.</p>
        <Button size="sm" variant="secondary" onClick={() => setReason(undefined)}>
          Try again
        </Button>
      </Alert>
    );
  };
}
