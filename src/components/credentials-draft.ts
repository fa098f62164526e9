/** The text that a viewer has typed into the credentials form. */
export interface CredentialsDraft {
  /** Undefined until somebody types: the name that the form begins with. */
  readonly username?: string;
  readonly password: string;
  /** Undefined until somebody clicks: as it was the last time. */
  readonly remember?: boolean;
  /** The fields are shown, although there are credentials. */
  readonly editing: boolean;
  /** Something was typed that the connection does not have yet. */
  readonly dirty: boolean;
}

export type CredentialsAction =
  /** @param keepFields so that a button below the fields does not move when it is clicked. */
  | {
      type: 'type';
      change: Pick<CredentialsDraft, 'username' | 'remember'> & { password?: string };
      keepFields: boolean;
    }
  | { type: 'edit' }
  /** The credentials are handed on, and the fields stay. */
  | { type: 'take' }
  /** The credentials are handed on, and the fields are gone. */
  | { type: 'enter' };

export const EMPTY_DRAFT: CredentialsDraft = { password: '', editing: false, dirty: false };

export function changeDraft(draft: CredentialsDraft, action: CredentialsAction): CredentialsDraft {
  switch (action.type) {
    case 'type':
      return { ...draft, ...action.change, dirty: true, editing: draft.editing || action.keepFields };
    case 'edit':
      return { ...draft, editing: true };
    case 'take':
      return { ...draft, dirty: false };
    case 'enter':
      return { ...draft, password: '', editing: false, dirty: false };
  }
}
