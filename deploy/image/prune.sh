#!/bin/sh
# prune.sh FOLDER: removes files of packages that no program loads: types, source maps, the browser bundles of
# TensorFlow.js and of ECharts, and the keys of packages' tests, which give no access but look like secrets.
set -eu
find "$1" -type f \
  \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.tsbuildinfo' \) -delete
find "$1" -type f -path '*/node_modules/*/test/*' \( -name '*.key' -o -name '*.pem' \) -delete
find "$1" -type f -path '*/@tensorflow/*' \
  \( -name '*.min.js' -o -name '*.fesm.js' -o -name '*.es2017.js' -o -name '*_test.js' \) -delete
rm -rf "$1"/.pnpm/echarts@*/node_modules/echarts/dist "$1"/.pnpm/echarts@*/node_modules/echarts/types
find "$1" -type d -empty -delete
