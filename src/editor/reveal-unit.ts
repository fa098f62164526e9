import { useEffect, useState } from 'react';
import { useStable } from './use-stable';

interface UnitReveal {
  /** The section with the fields is open. */
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
  /** Opens the section, and moves the focus to the unit of the field at this path. */
  reveal: (path: string) => void;
}

/**
 * The way from a value that was clicked to the unit of its field. It is a click of its own: a section that opens, or a
 * page that scrolls, with each click on a value would move the value that is clicked next.
 *
 * @param listId the id of the list of fields.
 */
export function useUnitReveal(listId: string): UnitReveal {
  const [isOpen, setOpen] = useState(false);
  const [wanted, setWanted] = useState<{ readonly path: string }>();
  useEffect(() => {
    // The field that is focused scrolls into view.
    if (wanted !== undefined) {
      unitOf(listId, wanted.path)?.focus();
    }
  }, [listId, wanted]);
  const reveal = useStable((path: string) => {
    setOpen(true);
    setWanted({ path });
  });
  return { isOpen, setOpen, reveal };
}

/** Rows without a path are not in the query, so the row is found by the text of its path. */
function unitOf(listId: string, path: string): HTMLElement | null {
  for (let row = 0; ; row++) {
    const input = document.getElementById(`${listId}-${row}-path`);
    if (!(input instanceof HTMLInputElement) || input.value === path) {
      return document.getElementById(`${listId}-${row}-unit`);
    }
  }
}
