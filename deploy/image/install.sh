#!/bin/sh
# install.sh NAME [NAME…]: in a copy of the workspace, installs the production dependencies of these packages from the
# store that `pnpm fetch` filled, drops every other package, and leaves a bill of materials in sbom.cdx.json.
set -eu
filters=""
for name in "$@"; do filters="$filters --filter-prod $name..."; done
# shellcheck disable=SC2086 -- a list of options
pnpm install --offline --frozen-lockfile --prod --store-dir /store $filters
# shellcheck disable=SC2086
kept=$(pnpm $filters exec pwd)
for folder in "$PWD"/packages/* "$PWD"/apps/*; do
  echo "$kept" | grep -qx "$folder" || rm -rf "$folder"
done
pnpm sbom --sbom-format cyclonedx --sbom-type application --prod --lockfile-only --filter "$1" --out sbom.cdx.json
sh /image/prune.sh node_modules
