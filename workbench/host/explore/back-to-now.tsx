import { css, cx } from '@emotion/css';
import type { RawTimeRange } from '@grafana/data';
import { useSceneObjectState } from '@grafana/scenes';
import { Button } from '@grafana/ui';
import { useState } from 'react';

import type { RootScene } from '../scenes/root';

/**
 * Makes Explore live again after a zoom, with the time range from before it. Grafana's Explore has only the time picker
 * for that. It has its room before, so that a zoom moves nothing.
 */
export function BackToNow({ scene }: { scene: RootScene }): React.JSX.Element {
  const { $timeRange } = scene.state;
  const { value } = useSceneObjectState($timeRange);
  const { raw } = value;
  const [live, setLive] = useState<RawTimeRange>(raw);
  const isLive = String(raw.to) === 'now';
  if (isLive && live !== raw) {
    setLive(raw);
  }
  return (
    <Button
      size="sm"
      variant="secondary"
      className={cx(isLive && HIDDEN)}
      onClick={() => $timeRange.onTimeRangeChange({ ...value, raw: live })}
    >
      Back to now
    </Button>
  );
}

const HIDDEN = css({ visibility: 'hidden' });
