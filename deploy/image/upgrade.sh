#!/bin/sh
# upgrade.sh: upgrades the packages of the base image, for their security fixes. The build fails if an archive cannot be
# reached: otherwise an outdated image would look up to date.
set -eu
export DEBIAN_FRONTEND=noninteractive
# An upgrade of ca-certificates rewrites the bundle. Authorities that exist only in the bundle of the base image (such
# as private ones) are copied to a folder that the upgrade keeps.
bundle=/etc/ssl/certs/ca-certificates.crt
own=/usr/local/share/ca-certificates
if [ -f "$bundle" ]; then
  mkdir -p "$own"
  find /usr/share/ca-certificates "$own" -name '*.crt' -exec cat {} + > /tmp/known
  awk -v own="$own" '/BEGIN CERTIFICATE/ { text = "" } { text = text $0 "\n" } /END CERTIFICATE/ {
    if (FILENAME == "/tmp/known") known[text] = 1
    else if (!(text in known)) { file = own "/base-" ++n ".crt"; printf "%s", text > file; close(file) }
  }' /tmp/known "$bundle"
  rm /tmp/known
fi
apt-get update -qq -o APT::Update::Error-Mode=any
apt-get upgrade -y -qq --no-install-recommends --with-new-pkgs
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
rm -f "$0"
