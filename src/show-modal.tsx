import { getAppEvents } from '@grafana/runtime';
import { useState } from 'react';
import { SignInDialog } from './editors';
import type { ShowModal, ShowModalEvent } from './sign-in';

/**
 * Shows the dialog in Grafana's own place for modals. Grafana's `ModalManager` renders the component of such an event with
 * the theme and with `onDismiss` (public/app/core/services/ModalManager.ts).
 */
export const showModal: ShowModal = (propsOf) => {
  function SignInModal(props: { onDismiss: () => void }): React.JSX.Element {
    const [dialog] = useState(() => propsOf(props.onDismiss));
    return <SignInDialog {...dialog} />;
  }
  const event: ShowModalEvent = { type: 'show-react-modal', payload: { component: SignInModal } };
  getAppEvents().publish(event);
};
