#!/bin/sh
# upgrade.sh: brings the base image's packages to what the distribution has today, security fixes above all. An archive that is
# not reached ends the build: an image that silently stayed old would look like one that is new.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq -o APT::Update::Error-Mode=any
apt-get upgrade -y -qq --with-new-pkgs --no-install-recommends
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
rm -f "$0"
