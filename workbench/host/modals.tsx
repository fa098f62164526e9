import type { BusEvent } from '@grafana/data';
import { type ComponentType, useEffect, useState } from 'react';
import { appEvents } from './services';

interface ShowModal extends BusEvent {
  readonly payload: { readonly component: ComponentType<{ isOpen: boolean; onDismiss: () => void }>; props?: object };
}

/** Core's `ModalManager` (public/app/core/services/ModalManager.ts): renders the component of the last event. */
export function Modals(): React.JSX.Element | null {
  const [shown, setShown] = useState<ShowModal['payload']>();
  useEffect(() => {
    const subscription = appEvents
      .getStream<ShowModal>({ type: 'show-react-modal' } as never)
      .subscribe(({ payload }) => setShown(payload));
    return () => subscription.unsubscribe();
  }, []);
  if (shown === undefined) {
    return null;
  }
  const { component: Component, props } = shown;
  return <Component {...props} isOpen onDismiss={() => setShown(undefined)} />;
}
