import { EventBusSrv, type PanelData } from '@grafana/data';
import { PanelChrome, PanelContextProvider } from '@grafana/ui';
import { useMemo, useState } from 'react';

import { Inspector } from './inspector';
import { panelStatus } from './notices';
import { Visualization, type VizOptions, type VizType } from './visualization';

interface Props extends VizOptions {
  id: number;
  title: string;
  description?: string;
  type: VizType;
  data: PanelData | undefined;
  onCancel: () => void;
  onZoom?: (range: { from: number; to: number }) => void;
  width: number;
  height: number;
}

/** A panel with its frame as in a dashboard: loading bar, streaming dot, errors and notices in the header. */
export function Panel({
  id,
  title,
  description,
  type,
  data,
  onCancel,
  onZoom,
  width,
  height,
  ...options
}: Props): React.JSX.Element {
  const context = useMemo(() => ({ eventsScope: `panel-${id}`, eventBus: new EventBusSrv() }), [id]);
  const status = panelStatus(data);
  const [inspecting, setInspecting] = useState(false);
  return (
    <PanelContextProvider value={context}>
      <PanelChrome
        title={title}
        description={description}
        width={width}
        height={height}
        loadingState={data?.state}
        statusItems={status.length > 0 ? status : undefined}
        statusMessageOnClick={() => setInspecting(true)}
        onCancelQuery={onCancel}
      >
        {(innerWidth, innerHeight) => (
          <Visualization
            {...options}
            type={type}
            title={title}
            data={data}
            onZoom={onZoom}
            width={innerWidth}
            height={innerHeight}
          />
        )}
      </PanelChrome>
      {inspecting && <Inspector title={title} status={status} onDismiss={() => setInspecting(false)} />}
    </PanelContextProvider>
  );
}
