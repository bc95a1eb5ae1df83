# One file, one target per image:
#   api, coordinator       the service
#   worker-wasm            trains on the WebAssembly backend, anywhere
#   worker-tensorflow      trains on TensorFlow's CPU libraries
#   worker-tensorflow-gpu  trains on NVIDIA GPUs through CUDA 12 and cuDNN 9
#   worker-webgpu          trains on GPUs of any vendor through Vulkan, or on Mesa's software adapter
#   data                   fills the cache of data sets, once
#   ledger                 Redis as the ledger needs it, with its back-up commands
# The workspace is copied as it is: Node runs its TypeScript directly, so there is no build output to drift from it. Builders
# that go through a file from top to bottom meet the small images first.
#
# Build arguments: VERSION and REVISION go into the labels. UPGRADED is any word; a new one, such as a date, applies the
# distribution's security updates of that day where a builder would take the layer out of its cache.
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG NODE_IMAGE=node:24-bookworm-slim
ARG BASE_IMAGE=debian:bookworm-slim
ARG REDIS_IMAGE=redis:7-bookworm
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04@sha256:ac55d124da4882b497f732d8dfd9a702d5447a5f29d08d56da6f64f0a1eb34bc

# Everything the lock file names, in a layer that is rebuilt only when the lock file changes.
FROM ${NODE_IMAGE} AS packages
ARG PNPM_SHA512=66fd8278ee28935ce951792d34367ff3af5c432a2756445823029533835b8da529bbe0be5130afd56ed0713fb8789e47bad82d93bd5ae2fe54b15562d6276ef0
RUN npm pack --silent pnpm@12.21.0 && echo "$PNPM_SHA512  pnpm-12.21.0.tgz" | sha512sum --check --quiet && npm install --global ./pnpm-12.21.0.tgz && rm pnpm-12.21.0.tgz
WORKDIR /fetch
COPY pnpm-lock.yaml pnpm-workspace.yaml ./
RUN pnpm fetch --store-dir /store

FROM packages AS workspace
WORKDIR /app
COPY deploy/image /image
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.json ./
COPY packages packages
COPY apps apps
COPY examples examples

FROM workspace AS api-files
RUN sh /image/install.sh @gradsmith/api

FROM workspace AS dashboard-files
RUN pnpm install --offline --frozen-lockfile --store-dir /store --filter "@gradsmith/dashboard..." && pnpm --filter @gradsmith/dashboard build

FROM workspace AS coordinator-files
RUN sh /image/install.sh @gradsmith/coordinator

# With the command line: `gradsmith doctor` inside a worker's image says what its host lacks.
FROM workspace AS worker-files
RUN sh /image/install.sh @gradsmith/worker @gradsmith/cli

# What every image but the ledger's and CUDA's stands on: Node alone, none of its package managers, an ordinary user, the labels that
# all have in common.
FROM ${BASE_IMAGE} AS runtime
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY deploy/image/upgrade.sh deploy/image/make-user.sh /tmp/
ARG UPGRADED
RUN sh /tmp/upgrade.sh && sh /tmp/make-user.sh
ENV NODE_ENV=production
WORKDIR /app
USER 10001:10001
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.licenses="Apache-2.0" org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}"

FROM runtime AS api
COPY --from=api-files /app /app
COPY --from=dashboard-files /app/apps/dashboard/dist /app/apps/dashboard/dist
ENV GRADSMITH_HOST=0.0.0.0 GRADSMITH_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/api/src/main.ts"]
LABEL org.opencontainers.image.title="gradsmith-api" org.opencontainers.image.description="REST service and web page of Gradsmith"

FROM runtime AS coordinator
COPY --from=coordinator-files /app /app
ENV GRADSMITH_ALIVE_FILE=/tmp/alive
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=3 \
  CMD ["sh", "-c", "test $(( $(date +%s) - $(stat -c %Y /tmp/alive) )) -lt 30"]
CMD ["node", "apps/coordinator/src/main.ts"]
LABEL org.opencontainers.image.title="gradsmith-coordinator" org.opencontainers.image.description="Owns running jobs of Gradsmith"

# What every worker but CUDA's has in common.
FROM runtime AS worker
ENV GRADSMITH_ALIVE_FILE=/tmp/alive GRADSMITH_CACHE=/cache
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
  CMD ["sh", "-c", "test $(( $(date +%s) - $(stat -c %Y /tmp/alive) )) -lt 30"]
CMD ["node", "apps/worker/src/main.ts"]

FROM worker AS worker-wasm
COPY --from=worker-files /app /app
ENV GRADSMITH_BACKEND=wasm
LABEL org.opencontainers.image.title="gradsmith-worker-wasm" org.opencontainers.image.description="Trains trials on the WebAssembly backend"

# The data sets are npm packages, so this one image brings npm, without pnpm.
FROM runtime AS data
COPY --from=packages /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
USER root
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
USER 10001:10001
COPY --from=worker-files /app /app
ENV GRADSMITH_CACHE=/cache HOME=/tmp
ENTRYPOINT ["node", "apps/worker/src/fetch-data.ts"]
CMD ["mnist"]
LABEL org.opencontainers.image.title="gradsmith-data" org.opencontainers.image.description="Fills the cache of data sets"

FROM ${REDIS_IMAGE} AS ledger
USER root
COPY deploy/image/upgrade.sh /tmp/
ARG UPGRADED
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends openssl && sh /tmp/upgrade.sh
COPY deploy/ledger /usr/local/bin/
# A new volume takes over the owner of the folder where it is mounted, so that secrets are made without root.
RUN mkdir -p /secrets/service /secrets/worker /secrets/ledger && chown redis:redis /secrets/*
USER redis
HEALTHCHECK --interval=3s --timeout=3s --start-period=5s --retries=10 CMD ["ledger-cli", "ping"]
CMD ["ledger-start"]
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="gradsmith-ledger" org.opencontainers.image.description="Redis as the ledger of Gradsmith needs it" \
  org.opencontainers.image.licenses="Apache-2.0" org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}"

# What installs optional backends.
FROM workspace AS training-files
RUN sh /image/install.sh @gradsmith/training

# The steps that both TensorFlow images share: compilers, the sources that build the addon, TensorFlow's libraries.
FROM ${NODE_IMAGE} AS compiler
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends g++ make python3 python3-pip && rm -rf /var/lib/apt/lists/*
# Node's own headers, which node-gyp would fetch.
ENV npm_config_nodedir=/usr/local
WORKDIR /app
COPY deploy/image /image
COPY --from=training-files /app /app

FROM compiler AS tensorflow
COPY deploy/wheels /wheels
RUN sh /image/build-addon.sh cpu cpu

FROM worker AS worker-tensorflow
COPY --from=tensorflow /cache/backends /cache/backends
COPY --from=worker-files /app /app
ENV GRADSMITH_BACKEND=tensorflow
LABEL org.opencontainers.image.title="gradsmith-worker-tensorflow" org.opencontainers.image.description="Trains trials on TensorFlow's CPU libraries"

# Built where a software adapter is, since what is installed has to train once.
FROM ${NODE_IMAGE} AS webgpu
COPY deploy/image /image
RUN sh /image/vulkan.sh && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=training-files /app /app
RUN GRADSMITH_CACHE=/cache node packages/training/scripts/install-backend.ts webgpu && sh /image/prune.sh /cache/backends \
  && node packages/training/src/install/verify-child.ts webgpu /cache/backends/webgpu

FROM worker AS worker-webgpu
USER root
COPY deploy/image/vulkan.sh /tmp/
RUN sh /tmp/vulkan.sh && rm -rf /tmp/vulkan.sh /var/lib/apt/lists/*
USER 10001:10001
COPY --from=webgpu /cache/backends /cache/backends
COPY --from=worker-files /app /app
ENV GRADSMITH_BACKEND=webgpu NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=graphics,compute,utility
LABEL org.opencontainers.image.title="gradsmith-worker-webgpu" org.opencontainers.image.description="Trains trials through WebGPU, on GPUs of any vendor"

# GPU_LIBRARIES=cpu builds the GPU package on TensorFlow's CPU libraries, and CUDA_IMAGE can be any glibc base then: so the
# package is tried where there is no GPU. WHEEL_SHA256 is the hash of the wheel.
FROM compiler AS tensorflow-gpu
ARG GPU_LIBRARIES=gpu
ARG WHEEL_SHA256
COPY deploy/wheels /wheels
RUN sh /image/build-addon.sh gpu "${GPU_LIBRARIES}"

FROM ${CUDA_IMAGE} AS worker-tensorflow-gpu
COPY --from=packages /usr/local/bin/node /usr/local/bin/node
COPY deploy/image/upgrade.sh deploy/image/make-user.sh /tmp/
ARG UPGRADED
RUN sh /tmp/upgrade.sh && sh /tmp/make-user.sh
COPY --from=tensorflow-gpu /cache/backends /cache/backends
WORKDIR /app
COPY --from=worker-files /app /app
USER 10001:10001
ENV NODE_ENV=production GRADSMITH_BACKEND=tensorflow GRADSMITH_GPU=lease GRADSMITH_ALIVE_FILE=/tmp/alive GRADSMITH_CACHE=/cache \
  NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
  CMD ["sh", "-c", "test $(( $(date +%s) - $(stat -c %Y /tmp/alive) )) -lt 30"]
CMD ["node", "apps/worker/src/main.ts"]
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="gradsmith-worker-tensorflow-gpu" org.opencontainers.image.description="Trains trials on NVIDIA GPUs" \
  org.opencontainers.image.licenses="Apache-2.0" org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}"
