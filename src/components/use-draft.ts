import { useState } from 'react';

/** Text that somebody types and that is not saved yet. If the saved value changes, it replaces the text. */
export function useDraft(saved: string): [string, (text: string) => void] {
  const [draft, setDraft] = useState(saved);
  const [seen, setSeen] = useState(saved);
  if (seen !== saved) {
    setSeen(saved);
    setDraft(saved);
  }
  return [draft, setDraft];
}
