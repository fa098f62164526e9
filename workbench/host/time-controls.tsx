import type { TimeRange } from '@grafana/data';
import { RefreshPicker, TimeRangePicker, ToolbarButton } from '@grafana/ui';
import { useEffect, useState } from 'react';

import { evaluate, QUICK_RANGES, shift, zoomOut } from './time';

interface Props {
  range: TimeRange;
  onChange: (range: TimeRange) => void;
  paused: boolean;
  onPause: (paused: boolean) => void;
}

const REFRESH_INTERVALS = ['5s', '10s', '30s', '1m'];

/** The right end of a dashboard's toolbar: time range, refresh, and a button that leaves the dashboard and returns. */
export function TimeControls({ range, onChange, paused, onPause }: Props): React.JSX.Element {
  const [interval, setRefreshInterval] = useState('');
  const refresh = () => onChange(evaluate(range.raw));

  useEffect(() => {
    const seconds = interval.endsWith('m') ? Number.parseInt(interval, 10) * 60 : Number.parseInt(interval, 10);
    if (Number.isNaN(seconds)) {
      return undefined;
    }
    const timer = setInterval(() => onChange(evaluate(range.raw)), seconds * 1000);
    return () => clearInterval(timer);
  }, [interval, range.raw, onChange]);

  return (
    <>
      <ToolbarButton
        icon={paused ? 'play' : 'pause'}
        variant={paused ? 'active' : 'canvas'}
        tooltip={
          paused ? 'Subscribe again, as if you came back to the dashboard' : 'Unsubscribe, as if you left the dashboard'
        }
        aria-label={paused ? 'Resume panels' : 'Pause panels'}
        aria-pressed={paused}
        onClick={() => onPause(!paused)}
      />
      <TimeRangePicker
        value={range}
        timeZone="browser"
        quickRanges={QUICK_RANGES}
        onChange={(next) => onChange(evaluate(next.raw))}
        onChangeTimeZone={ignore}
        onMoveBackward={() => onChange(shift(range, -1))}
        onMoveForward={() => onChange(shift(range, 1))}
        onZoom={() => onChange(zoomOut(range))}
        isOnCanvas
      />
      <RefreshPicker
        value={interval}
        intervals={REFRESH_INTERVALS}
        onIntervalChanged={setRefreshInterval}
        onRefresh={refresh}
        tooltip="Refresh"
        isOnCanvas
      />
    </>
  );
}

/** The workbench always uses the time zone of the browser. */
function ignore(): void {}
