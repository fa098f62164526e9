import { createContext } from 'react';

/** Whether *Save & test* was refused. From then on, required fields are marked even if nobody has visited them. */
export const SaveRefused = createContext(false);
