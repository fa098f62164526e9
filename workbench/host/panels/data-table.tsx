import { cacheFieldDisplayNames, type DataFrame, getFrameDisplayName } from '@grafana/data';
import { Combobox } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useMemo, useState } from 'react';

interface Props {
  frames: DataFrame[];
  structureRev: number;
  width: number;
  height: number;
  title: string;
  /** Display name of the field that sorts the rows, newest or largest first. */
  sortBy?: string;
}

const PICKER_HEIGHT = 40;
const COLUMN_MIN_WIDTH = 96;

/** Like Grafana's table panel: one frame at a time, and a selection below if there are several. */
export function DataTable({ frames, structureRev, width, height, title, sortBy }: Props): React.JSX.Element {
  const [chosen, setChosen] = useState(0);
  // The table shows the display names in the fields and computes none (TablePanel.tsx).
  const named = useMemo(() => {
    cacheFieldDisplayNames(frames);
    return frames;
  }, [frames]);
  const index = Math.min(chosen, named.length - 1);
  const several = named.length > 1;
  const tableHeight = several ? height - PICKER_HEIGHT : height;
  return (
    <>
      {/* The grid fills its container, whatever its height property. */}
      <div style={{ height: tableHeight }}>
        <TableNG
          key={index}
          ariaLabel={title}
          data={named[index]}
          structureRev={structureRev}
          width={width}
          height={tableHeight}
          columnMinWidth={COLUMN_MIN_WIDTH}
          sortBy={sortBy === undefined ? undefined : [{ displayName: sortBy, desc: true }]}
          resizable
          transparent
        />
      </div>
      {several && (
        <div style={{ paddingTop: 8 }}>
          <Combobox
            aria-label={`Frame shown in ${title}`}
            options={named.map((frame, value) => ({ value, label: getFrameDisplayName(frame, value) }))}
            value={index}
            onChange={({ value }) => setChosen(value)}
            width={Math.min(40, Math.floor(width / 8))}
          />
        </div>
      )}
    </>
  );
}
