#!/bin/sh
# vulkan.sh: the Vulkan loader and Mesa's drivers for AMD, Intel and software. Bookworm's own Mesa (22.3) is too old for Dawn, so
# they come from its backports. NVIDIA's driver is handed in by the container toolkit and links against two libraries of X.
set -eu
echo 'deb http://deb.debian.org/debian bookworm-backports main' > /etc/apt/sources.list.d/backports.list
apt-get update -qq
apt-get install -y -qq --no-install-recommends -t bookworm-backports libvulkan1 mesa-vulkan-drivers libx11-6 libxext6
