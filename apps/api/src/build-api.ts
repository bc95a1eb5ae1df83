import { maxHeaderSize } from 'node:http';
import { noTracer } from '@gradsmith/core/ports';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { healthRoutes } from './admin/health-routes.ts';
import { measureRequests } from './admin/measure-requests.ts';
import { createMetrics } from './admin/metrics.ts';
import { showQueues } from './admin/queues.ts';
import { askTellRoutes } from './ask-tell/ask-tell-routes.ts';
import { batchRoutes } from './ask-tell/batch-routes.ts';
import type { ApiDeps, RouteDeps } from './deps.ts';
import { eventRoutes } from './events/event-routes.ts';
import { Watch } from './events/watch.ts';
import { exportRoutes } from './jobs/export-routes.ts';
import { jobListRoutes } from './jobs/job-list-routes.ts';
import { jobRoutes } from './jobs/job-routes.ts';
import { jobStatusRoutes } from './jobs/job-status-routes.ts';
import { keepJobsNamed } from './jobs/keep-jobs-named.ts';
import { findPageAddress, serveDashboard } from './pages/dashboard.ts';
import { serveProblemPages } from './pages/problem-pages.ts';
import { describeApi } from './pages/reference.ts';
import { addEntityTags } from './plugins/add-entity-tags.ts';
import { authorize, identify } from './plugins/authenticate.ts';
import { compressAnswers } from './plugins/compress-answers.ts';
import { limitBodyTime } from './plugins/limit-body-time.ts';
import { limitHandlerTime } from './plugins/limit-handler-time.ts';
import { answerUnknownPaths, answerUnroutable, answerWithProblems } from './plugins/problems.ts';
import { addSecurityHeaders, limitRate } from './plugins/protect.ts';
import { refuseForeignPages } from './plugins/refuse-foreign-pages.ts';
import { collectMethods } from './plugins/refuse-methods.ts';
import { refuseUnacceptable } from './plugins/refuse-unacceptable.ts';
import { acceptStrictJson } from './plugins/strict-json.ts';
import { refuseUnknownQueries, validateWithZod } from './plugins/validation.ts';
import { defaultSettings, type ApiSettings } from './settings.ts';
import { importanceRoutes } from './trials/importance-routes.ts';
import { trialChangeRoutes } from './trials/trial-change-routes.ts';
import { trialRoutes } from './trials/trial-routes.ts';
import { trialRowRoutes } from './trials/trial-row-routes.ts';
import { Notifier } from './webhooks/notifier.ts';
import { workerRoutes } from './workers/worker-routes.ts';

const BODY_LIMIT = 1024 * 1024;
/** Time for a handler after its request has arrived, ms. Longer than any bounded call of the ledger. */
const HANDLER_MS = 15_000;
/** Node's limit for a whole request, ms: no route has longer. */
const LONGEST_REQUEST_MS = 600_000;
/** How often Node looks for connections whose headers are late, at most, ms. */
const LOOK_MS = 1_000;

/** The HTTP service, ready to `listen` or to `inject` requests into. */
export async function buildApi(
  deps: ApiDeps,
  log: Logger,
  changed: Partial<ApiSettings> = {},
): Promise<FastifyInstance> {
  const settings = { ...defaultSettings, ...changed };
  const { receiveMs } = settings;
  const app: FastifyInstance = Fastify({
    loggerInstance: log,
    bodyLimit: BODY_LIMIT,
    requestTimeout: LONGEST_REQUEST_MS,
    handlerTimeout: receiveMs + HANDLER_MS,
    http: { headersTimeout: receiveMs, connectionsCheckingInterval: Math.min(LOOK_MS, receiveMs) },
    // An open connection must not hold up a shutdown.
    forceCloseConnections: true,
    // Node limits the path with the headers. A shorter limit would be an error before the rate limit.
    routerOptions: { maxParamLength: maxHeaderSize },
    frameworkErrors: answerUnroutable,
    genReqId: () => crypto.randomUUID(),
  }) as unknown as FastifyInstance;
  app.setValidatorCompiler(validateWithZod);
  app.setSerializerCompiler(serializerCompiler);
  const listMethods = collectMethods(app);
  refuseUnknownQueries(app);
  acceptStrictJson(app);
  answerWithProblems(app);
  limitBodyTime(app, receiveMs);
  limitHandlerTime(app);
  await addSecurityHeaders(app);
  refuseForeignPages(app, { hostNames: settings.hostNames, isOpen: settings.keys === null });
  identify(app, settings.keys);
  await limitRate(app, settings.perMinute);
  answerUnknownPaths(app, { listMethods, findPage: settings.dashboard ? findPageAddress : () => null });
  authorize(app);
  refuseUnacceptable(app);
  addEntityTags(app);
  await compressAnswers(app);
  measureRequests(app, createMetrics(deps.ledger, deps.workers, settings.metricsFreshMs));
  await describeApi(app, Boolean(settings.dashboard));
  serveProblemPages(app);
  if (settings.dashboard) await serveDashboard(app, settings.dashboard);
  if (deps.queues) await showQueues(app, deps.queues, deps.workers, settings.keys);
  const watch = new Watch(deps.signals);
  app.addHook('preClose', async () => watch.close());
  if (settings.webhooks) {
    const notifier = new Notifier(deps.ledger, deps.signals, log, settings.webhooks);
    app.addHook('onClose', async () => notifier.close());
  }
  keepJobsNamed(app, deps.ledger);
  const routeDeps: RouteDeps = { ...deps, tracer: deps.tracer ?? noTracer, watch, settings };
  for (const routes of [
    healthRoutes,
    jobRoutes,
    jobListRoutes,
    jobStatusRoutes,
    trialRowRoutes,
    trialRoutes,
    trialChangeRoutes,
    importanceRoutes,
    askTellRoutes,
    batchRoutes,
    exportRoutes,
    workerRoutes,
    eventRoutes,
  ]) {
    await app.register(routes, routeDeps);
  }
  return app;
}
