import type { ComponentType } from 'react';
import type { CredentialsPrompt } from './connection/viewer-credentials';
import type { SignInDialogProps } from './components/SignInDialog';

/** A data source whose panels need the viewer's credentials. */
interface SignIn {
  /** Names the viewer, the data source and the broker. */
  readonly key: string;
  readonly name: string;
  readonly prompt: CredentialsPrompt;
}

/** Shows a component as Grafana's modal. @param dismiss called by the component to close it. */
export type ShowModal = (props: (dismiss: () => void) => SignInDialogProps) => void;

/**
 * Asks the viewers of dashboards for credentials: one dialog for each data source, one at a time, however many panels
 * need it. A viewer who does not want to is not asked again on this page.
 */
export class SignInQueue {
  readonly #show: ShowModal;
  readonly #isInteractive: () => boolean;
  readonly #waiting: SignIn[] = [];
  readonly #declined = new Set<string>();
  #open: string | undefined;

  /** @param isInteractive whether there is somebody to ask: see {@link isInteractive}. */
  constructor(show: ShowModal, isInteractive: () => boolean) {
    this.#show = show;
    this.#isInteractive = isInteractive;
  }

  /** To be called whenever a panel has no credentials; asks at most once at a time. */
  request(signIn: SignIn): void {
    const { key } = signIn;
    const isKnown = this.#open === key || this.#declined.has(key) || this.#waiting.some((each) => each.key === key);
    if (!isKnown && this.#isInteractive()) {
      this.#waiting.push(signIn);
      this.#next();
    }
  }

  #next(): void {
    if (this.#open !== undefined) {
      return;
    }
    const signIn = this.#waiting.shift();
    if (signIn === undefined) {
      return;
    }
    // While another dialog was open, an editor may have had the credentials.
    if (signIn.prompt.state().credentials !== undefined) {
      this.#next();
      return;
    }
    const { key, name, prompt } = signIn;
    this.#open = key;
    this.#show((dismiss) => ({
      name,
      prompt,
      onClose: (hasEntered) => {
        if (this.#open !== key) {
          return;
        }
        this.#open = undefined;
        if (!hasEntered) {
          this.#declined.add(key);
        }
        dismiss();
        this.#next();
      },
    }));
  }
}

/**
 * Whether somebody can answer on this page: not in kiosk mode, where a screen hangs on a wall, nor where Grafana renders
 * an image (`render=1`, pkg/services/rendering/rendering.go).
 *
 * @param search of the page's address.
 */
export function isInteractive(search: string): boolean {
  const params = new URLSearchParams(search);
  return !params.has('kiosk') && !params.has('render');
}

/** Grafana's event for a modal, which its types do not export (public/app/types/events.ts). */
export interface ShowModalEvent {
  readonly type: 'show-react-modal';
  readonly payload: { readonly component: ComponentType<{ onDismiss: () => void }> };
}
