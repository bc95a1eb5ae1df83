import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';
import { jobParams } from '../plugins/params.ts';
import { describeCaller } from '../plugins/protect.ts';
import { AllJobsFeed } from './all-jobs-feed.ts';
import { EventStream } from './event-stream.ts';
import { JobFeed } from './job-feed.ts';
import { JobHeads } from './job-heads.ts';
import { OpenStreams, type StreamPlace } from './open-streams.ts';

/** How often a stream reads the ledger even if no signal comes, ms. */
const LOOK_MS = 1_000;

const place = z
  .string()
  .regex(/^\d{1,15}$/, 'must be the id of an event')
  .optional();
const resumed = z.looseObject({ 'last-event-id': place.describe('Continue after this event') });
const query = z.strictObject({ after: place.describe('As Last-Event-ID; 0 for everything from the start of a job') });

export const eventRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger, signals, watch, settings }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const heads = new JobHeads(ledger);
  const streams = new OpenStreams({
    max: settings.maxStreams,
    maxPerCaller: settings.maxStreamsPerCaller,
    checkMs: settings.keyCheckMs,
  });
  const allJobsFeed = new AllJobsFeed(ledger, signals, instance.log);
  app.addHook('preClose', async () => {
    allJobsFeed.close();
    streams.close();
  });
  const admit = (request: FastifyRequest): StreamPlace =>
    streams.admit(describeCaller(request), () => settings.keys?.isCurrent(request.identity, 'read') ?? true);

  app.get(
    '/v1/jobs/:id/events',
    {
      config: reading,
      schema: {
        operationId: 'streamJobEvents',
        summary: 'Stream the changes of a job',
        description:
          'Server-sent events: `trial` for each move of a trial, then `job` with the state of the job. ' +
          '`Last-Event-ID` continues an interrupted stream.',
        tags: ['events'],
        params: jobParams,
        headers: resumed,
        querystring: query,
        produces: ['text/event-stream'],
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const {
        params: { id },
        headers,
        query: { after },
        log,
      } = request;
      await ledger.readJob(id);
      const place = admit(request as FastifyRequest);
      const stream = new EventStream(reply);
      place.hold(stream);
      const from = headers['last-event-id'] ?? after;
      const feed = new JobFeed({ ledger, heads }, id, from === undefined ? null : Number(from));
      try {
        while (stream.open && !feed.isDeleted && !watch.closed) {
          const changed = watch.change(id, LOOK_MS);
          for await (const event of feed.next()) {
            await stream.send(event);
            if (!stream.open) break;
          }
          if (stream.open && !feed.isDeleted) await changed;
        }
      } catch (error) {
        log.warn({ err: error, job: id }, 'event stream closed; the reader can resume it');
      } finally {
        stream.close();
        place.release();
      }
    },
  );

  app.get(
    '/v1/events',
    {
      config: reading,
      schema: {
        operationId: 'streamEvents',
        summary: 'Stream the changes of all jobs',
        description:
          'Server-sent events: `job` with its latest state (one event for several changes), and `deleted`. ' +
          'Without `Last-Event-ID`, `open` comes first: its id continues a stream that breaks before a change. ' +
          'After a reconnection it repeats the changes of the last seconds before the interruption.',
        tags: ['events'],
        headers: resumed,
        querystring: query,
        produces: ['text/event-stream'],
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const place = admit(request as FastifyRequest);
      const from = request.headers['last-event-id'] ?? request.query.after;
      const reader = await openReader(allJobsFeed, from === undefined ? null : Number(from), place);
      const stream = new EventStream(reply);
      place.hold(stream);
      stream.onClose(() => reader.close());
      try {
        while (stream.open) {
          for (const event of reader.take()) await stream.send(event);
          if (stream.open) await reader.wait(LOOK_MS);
        }
      } finally {
        reader.close();
        stream.close();
        place.release();
      }
    },
  );
};

async function openReader(
  feed: AllJobsFeed,
  after: number | null,
  place: StreamPlace,
): ReturnType<AllJobsFeed['open']> {
  try {
    return await feed.open(after);
  } catch (error) {
    place.release();
    throw error;
  }
}
