import { useState } from 'react';

/** Text that is being typed and not yet saved. It gives way when the saved value changes from elsewhere. */
export function useDraft(saved: string): [string, (text: string) => void] {
  const [draft, setDraft] = useState(saved);
  const [seen, setSeen] = useState(saved);
  if (seen !== saved) {
    setSeen(saved);
    setDraft(saved);
  }
  return [draft, setDraft];
}
