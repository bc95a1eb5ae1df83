#!/bin/sh
# build-addon.sh PACKAGE LIBRARIES: builds the TensorFlow addon into /cache.
# PACKAGE is the npm package, cpu or gpu. LIBRARIES is the folder of /wheels, cpu or gpu, that holds or pins the wheel
# with TensorFlow's libraries. WHEEL_SHA256 in the environment is the wheel's hash, if requirements.txt pins none.
set -eu
package=$1 wheels=/wheels/$2
if ! ls "$wheels"/*.whl >/dev/null 2>&1; then
  python3 -m pip download --quiet --no-deps --only-binary :all: \
    --dest "$wheels" --requirement "$wheels/requirements.txt"
fi
sh "$(dirname "$0")/check-wheel.sh" "$wheels" "${WHEEL_SHA256:-}"
case $package in
  cpu) name=@tensorflow/tfjs-node option= ;;
  gpu) name=@tensorflow/tfjs-node-gpu option=--gpu ;;
  *) echo "build-addon.sh: PACKAGE is cpu or gpu, not $package" >&2; exit 2 ;;
esac
# shellcheck disable=SC2086 -- an empty option must add no argument
GRADSMITH_CACHE=/cache node packages/training/scripts/install-backend.ts tensorflow $option \
  --from "$(ls "$wheels"/*.whl)"
rm -f "$wheels"/*.whl
# Only the compiler needs these.
find /cache/backends -type d \( -path '*/deps/include' -o -name 'build-tmp-*' \) -prune -exec rm -rf {} +
sh /image/prune.sh /cache/backends
# Checks that the pruned addon still trains.
node packages/training/src/install/verify-child.ts tensorflow /cache/backends/tensorflow "$name"
