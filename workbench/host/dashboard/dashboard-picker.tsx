import { PluginIncludeType } from '@grafana/data';
import { Combobox } from '@grafana/ui';

import { useWorkbench } from '../workbench-context';

/** The workbench's own dashboard, which has no file. */
const OWN = '';

/** Opens another dashboard: the address has its name, so the page loads again. */
export function DashboardPicker(): React.JSX.Element | null {
  const { dataSources, params } = useWorkbench();
  const shipped = (dataSources.meta.includes ?? []).filter(({ type }) => type === PluginIncludeType.dashboard);
  if (shipped.length === 0 || params.plots.length > 0) {
    return null;
  }
  return (
    <Combobox
      aria-label="Dashboard"
      width={22}
      options={[
        { value: OWN, label: 'House and factory' },
        ...shipped.map(({ name, path = '' }) => ({ value: nameOf(path), label: name })),
      ]}
      value={params.dashboard ?? OWN}
      onChange={({ value }) => {
        const url = new URL(location.href);
        if (value === OWN) {
          url.searchParams.delete('dashboard');
        } else {
          url.searchParams.set('dashboard', value);
        }
        location.assign(url);
      }}
    />
  );
}

/** `dashboards/house.json` is `house` in the address. */
function nameOf(path: string): string {
  return path.replace(/^.*\/|\.json$/g, '');
}
