# One file, one target per process:
#   docker build --target api .          the REST service
#   docker build --target coordinator .  owns running jobs
#   docker build --target worker .       trains on the WebAssembly backend
# The workspace is copied as it is: Node runs its TypeScript directly, so there is no build output to drift from it.

FROM node:24-bookworm-slim AS workspace
RUN npm install --global pnpm@12.21.0
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages packages
COPY apps apps

FROM workspace AS api-files
RUN pnpm install --frozen-lockfile --prod --filter "@gradsmith/api..."

FROM workspace AS dashboard-files
RUN pnpm install --frozen-lockfile --filter "@gradsmith/dashboard..." && pnpm --filter @gradsmith/dashboard build

FROM workspace AS coordinator-files
RUN pnpm install --frozen-lockfile --prod --filter "@gradsmith/coordinator..."

FROM workspace AS worker-files
RUN pnpm install --frozen-lockfile --prod --filter "@gradsmith/worker..."

FROM node:24-bookworm-slim AS runtime
WORKDIR /app
ENV NODE_ENV=production
USER node

FROM runtime AS api
LABEL org.opencontainers.image.title="gradsmith-api" org.opencontainers.image.licenses="Apache-2.0"
COPY --from=api-files /app /app
COPY --from=dashboard-files /app/apps/dashboard/dist /app/apps/dashboard/dist
ENV GRADSMITH_HOST=0.0.0.0 GRADSMITH_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/api/src/main.ts"]

FROM runtime AS coordinator
LABEL org.opencontainers.image.title="gradsmith-coordinator" org.opencontainers.image.licenses="Apache-2.0"
COPY --from=coordinator-files /app /app
ENV GRADSMITH_ALIVE_FILE=/tmp/alive
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=3 \
  CMD ["sh", "-c", "test $(( $(date +%s) - $(stat -c %Y /tmp/alive) )) -lt 30"]
CMD ["node", "apps/coordinator/src/main.ts"]

FROM runtime AS worker
LABEL org.opencontainers.image.title="gradsmith-worker" org.opencontainers.image.licenses="Apache-2.0"
USER root
RUN mkdir /cache && chown node:node /cache
USER node
COPY --from=worker-files /app /app
ENV GRADSMITH_ALIVE_FILE=/tmp/alive GRADSMITH_CACHE=/cache
VOLUME /cache
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 \
  CMD ["sh", "-c", "test $(( $(date +%s) - $(stat -c %Y /tmp/alive) )) -lt 30"]
CMD ["node", "apps/worker/src/main.ts"]
