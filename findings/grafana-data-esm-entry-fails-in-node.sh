#!/usr/bin/env bash
# The ES module entry of @grafana/data cannot be imported in Node
#
# One would guess: `import { FieldType } from '@grafana/data'` works in Node, because package.json names an ES module for
# `import` and a CommonJS file for `require`.
#
# Tried: @grafana/data 13.2.2, Node 20.
#
# What happens: the import fails, because a module in it imports `tz` by name from moment-timezone, which is CommonJS and
# whose exports Node does not recognize. `require('@grafana/data')` works. Bundlers do not mind.
#
# What that means here: what runs in Node, such as tests and benches, has to bundle the package or to load its CommonJS.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --legacy-peer-deps @grafana/data@13.2.2 rxjs@7.8.2 react@18.3.1 react-dom@18.3.1
imported=$(node --input-type=module -e "import '@grafana/data'; console.log('works')" 2>&1 | grep -E '^(works|SyntaxError)' || true)
required=$(node -e "console.log(require('@grafana/data').FieldType.time)")
printf 'import: %s\nrequire: %s\n' "$imported" "$required"
[[ "$imported" == "SyntaxError: Named export 'tz' not found"* && "$required" == time ]]
