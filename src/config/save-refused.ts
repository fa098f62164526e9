import { createContext } from 'react';

/** Whether saving was refused: from then on, what is required is marked where nobody has been yet, too. */
export const SaveRefused = createContext(false);
