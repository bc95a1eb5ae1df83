#!/bin/sh
# The user of every process, the folders it may write, and the command line by its name.
set -eu
groupadd --gid 10001 gradsmith
useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin gradsmith
mkdir -p /cache/datasets /cache/checkpoints /archive
chown gradsmith:gradsmith /cache/datasets /cache/checkpoints /archive
ln -s /app/apps/cli/bin/gradsmith.js /usr/local/bin/gradsmith
rm -f "$0"
