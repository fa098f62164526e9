import { createContext, useContext } from 'react';

import type { WorkbenchInfo } from '../info';
import type { DataSources } from './data-sources';
import type { HealthMonitor } from './health';
import type { Params } from './params';

export interface Workbench {
  dataSources: DataSources;
  info: WorkbenchInfo;
  params: Params;
  health: HealthMonitor;
}

const Context = createContext<Workbench | undefined>(undefined);

export const WorkbenchProvider = Context.Provider;

export function useWorkbench(): Workbench {
  const workbench = useContext(Context);
  if (!workbench) {
    throw new Error('Outside of the workbench');
  }
  return workbench;
}
