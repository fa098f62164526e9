#!/bin/sh
# Runs in the container of the broker: builds the plugin in /app from /source, which is read-only, puts it into /plugin,
# where Grafana takes it from, and starts the broker. Packages are installed again only if they have changed.
set -eu
SOURCE=${SOURCE:-/source} APP=${APP:-/app} PLUGIN=${PLUGIN:-/plugin} DATA=${DATA:-/data}

mkdir -p "$APP"
# What was deleted in the source must not stay behind
find "$APP" -mindepth 1 -maxdepth 1 ! -name node_modules ! -name installed.json -exec rm -rf {} +
tar -C "$SOURCE" --exclude=./node_modules --exclude=./.git --exclude=./dist --exclude=./build -cf - . | tar -C "$APP" -xf -
cd "$APP"
if ! cmp -s package-lock.json installed.json; then
  npm ci
  cp package-lock.json installed.json
fi
npm run build
find "$PLUGIN" -mindepth 1 -delete
cp -R dist/. "$PLUGIN"
# Grafana's user reads it
chmod -R a+rX "$PLUGIN"
exec node --import tsx broker/cli/broker.ts --host 0.0.0.0 --allow-anonymous --data "$DATA" \
  --history '#' --history-age 21600 --history-messages 50000 \
  --sensors home,factory,energy,sparkplug --sensor-past 3600 --sys-topics --sys-interval 2
