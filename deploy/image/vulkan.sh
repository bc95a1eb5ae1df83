#!/bin/sh
# vulkan.sh: installs the Vulkan loader and Mesa's drivers (AMD, Intel, software). Bookworm's Mesa (22.3) is too old for
# Dawn, so they come from its backports, on the mirror that apt already uses. The container toolkit adds NVIDIA's
# driver, which links against two X libraries.
set -eu
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
  grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1)
[ -n "$mirror" ] || { echo 'vulkan.sh: apt has no mirror of Debian; add one to /etc/apt/sources.list' >&2; exit 1; }
echo "deb $mirror bookworm-backports main" > /etc/apt/sources.list.d/backports.list
apt-get update -qq
apt-get install -y -qq --no-install-recommends -t bookworm-backports libvulkan1 mesa-vulkan-drivers libx11-6 libxext6
