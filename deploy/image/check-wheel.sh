#!/bin/sh
# check-wheel.sh FOLDER [SHA256]: fails if the wheel in FOLDER has another hash than SHA256 or, without it, than the one that
# FOLDER/requirements.txt pins, if it pins one. Prints the hash.
set -eu
expected=${2:-$(sed -n 's/.*--hash=sha256:\([0-9a-f]*\).*/\1/p' "$1/requirements.txt")}
[ "$(ls "$1"/*.whl | wc -l)" = 1 ] || { echo "check-wheel.sh: $1 must hold one wheel" >&2; exit 1; }
found=$(sha256sum "$1"/*.whl | cut -c1-64)
if [ -n "$expected" ] && [ "$found" != "$expected" ]; then
  echo "check-wheel.sh: the wheel in $1 has the SHA-256 $found, expected is $expected" >&2
  exit 1
fi
echo "the wheel in $1 has the SHA-256 $found${expected:+, as expected}"
