import { PanelPlugin, type PanelProps, PluginType } from '@grafana/data';

import { fieldConfigRegistry } from './field-config';
import { FramesView, type VizOptions } from './visualization';
import { VIZ_TYPES, type VizType } from './viz-type';

/** Panels of Grafana are in no package; these draw with the components of `@grafana/ui` that they are made of. */
class WorkbenchPanelPlugin extends PanelPlugin<Partial<VizOptions>> {
  constructor(id: VizType) {
    super((props) => <PanelView type={id} {...props} />);
    this.meta = {
      id,
      name: id,
      type: PluginType.panel,
      module: '',
      baseUrl: '',
      sort: 0,
      info: {
        author: { name: 'Workbench' },
        description: '',
        links: [],
        logos: { small: '', large: '' },
        screenshots: [],
        updated: '',
        version: '',
      },
    };
    this.setDataSupport({ annotations: id === 'timeseries', alertStates: false });
  }

  /** The base class takes standard options from a registry that only core fills. */
  override get fieldConfigRegistry() {
    return fieldConfigRegistry;
  }
}

interface ViewProps extends PanelProps<Partial<VizOptions>> {
  type: VizType;
}

/** The field configuration has been applied by the scene's panel. */
function PanelView({
  type,
  title,
  data,
  width,
  height,
  timeRange,
  fieldConfig,
  options,
  onChangeTimeRange,
}: ViewProps) {
  return (
    <FramesView
      {...options}
      type={type}
      title={title}
      frames={data.series}
      annotations={data.annotations}
      structureRev={data.structureRev ?? 0}
      state={data.state}
      timeRange={timeRange}
      width={width}
      height={height}
      fieldConfig={fieldConfig}
      onZoom={onChangeTimeRange}
    />
  );
}

let plugins: Map<string, PanelPlugin> | undefined;

/** @throws {Error} if the workbench has no such panel. */
export function panelPlugin(id: string): PanelPlugin {
  plugins ??= new Map(VIZ_TYPES.map((type): [string, PanelPlugin] => [type, new WorkbenchPanelPlugin(type)]));
  const plugin = plugins.get(id);
  if (plugin === undefined) {
    throw new Error(`The workbench has no panel "${id}"`);
  }
  return plugin;
}
