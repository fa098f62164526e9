#!/usr/bin/env bash
# Grafana's outer join loses rows of equal time
#
# One would guess: "Join by field" (outer), which also draws a time series panel with several frames, keeps every row of
# each frame, as an outer join of a database does.
#
# Tried: @grafana/data 13.2.2, outerJoinDataFrames.
#
# What happens: of the rows of one frame that have the same time, only the last is left, as soon as there is a second
# frame. A spike between two equal times is gone. With times that differ by 0.001 ms, all rows are left.
#
# What that means here: the plugin moves rows of one series that have the same time apart by 0.001 ms.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --legacy-peer-deps @grafana/data@13.2.2 rxjs@7.8.2 react@18.3.1 react-dom@18.3.1
cat > finding.cjs <<'JS'
const { FieldType, outerJoinDataFrames, toDataFrame } = require('@grafana/data');

const frame = (name, times, values) =>
  toDataFrame({
    fields: [
      { name: 'Time', type: FieldType.time, values: times },
      { name, type: FieldType.number, values },
    ],
  });
const other = frame('other', [1000, 2000], [50, 50]);
const valuesOf = (times) => {
  const joined = outerJoinDataFrames({ frames: [frame('spike', times, [0, 100, 0, 1]), other] });
  return joined.fields.find(({ name }) => name === 'spike').values.filter((value) => value != null);
};
const seen = {
  equal: valuesOf([1000, 1000, 1000, 2000]),
  apart: valuesOf([1000, 1000.001, 1000.002, 2000]),
};
console.log(JSON.stringify(seen));
const expected = { equal: [0, 1], apart: [0, 100, 0, 1] };
process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
JS
timeout 60 node finding.cjs
