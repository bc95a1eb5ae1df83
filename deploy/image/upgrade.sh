#!/bin/sh
# upgrade.sh: brings the base image's packages to what the distribution has today, security fixes above all. An archive that is
# not reached ends the build: an image that silently stayed old would look like one that is new.
set -eu
export DEBIAN_FRONTEND=noninteractive
# An upgrade of ca-certificates writes the bundle again. Authorities that the base image has only there, such as a company's own,
# are put where they stay.
bundle=/etc/ssl/certs/ca-certificates.crt
own=/usr/local/share/ca-certificates
if [ -f "$bundle" ]; then
  mkdir -p "$own"
  find /usr/share/ca-certificates "$own" -name '*.crt' -exec cat {} + > /tmp/known
  awk -v own="$own" '/BEGIN CERTIFICATE/ { text = "" } { text = text $0 "\n" } /END CERTIFICATE/ {
    if (FILENAME == "/tmp/known") known[text] = 1
    else if (!(text in known)) { file = own "/base-" ++n ".crt"; printf "%s", text > file; close(file) } }' /tmp/known "$bundle"
  rm /tmp/known
fi
apt-get update -qq -o APT::Update::Error-Mode=any
apt-get upgrade -y -qq --no-install-recommends --with-new-pkgs
rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
rm -f "$0"
