import { Busy } from '@gradsmith/core/domain';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';
import { jobParams } from '../plugins/params.ts';
import { EventStream } from './event-stream.ts';
import { JobFeed } from './job-feed.ts';
import { JobsFeed } from './jobs-feed.ts';

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
  const streams = new Set<EventStream>();
  const jobsFeed = new JobsFeed(ledger, signals);
  app.addHook('preClose', async () => {
    jobsFeed.close();
    for (const stream of streams) stream.close();
  });
  const admit = (): void => {
    if (streams.size >= settings.maxStreams)
      throw new Busy(
        `${settings.maxStreams} event streams are open, which is the limit; poll the status of the job instead`,
      );
  };

  app.get(
    '/v1/jobs/:id/events',
    {
      config: reading,
      schema: {
        summary:
          'Changes of a job as server-sent events: `trial` for each move of a trial, then `job` with ' +
          'the state of the job',
        tags: ['events'],
        params: jobParams,
        headers: resumed,
        querystring: query,
        produces: ['text/event-stream'],
        response: { 200: z.string() },
      },
    },
    async ({ params: { id }, headers, query: { after }, log }, reply) => {
      await ledger.readJob(id);
      admit();
      const stream = new EventStream(reply);
      streams.add(stream);
      const from = headers['last-event-id'] ?? after;
      const feed = new JobFeed(ledger, id, from === undefined ? null : Number(from));
      try {
        while (stream.open && !feed.isDeleted && !watch.closed) {
          const changed = watch.change(id, LOOK_MS);
          for (const event of await feed.next()) await stream.send(event);
          if (stream.open && !feed.isDeleted) await changed;
        }
      } catch (error) {
        log.warn({ err: error, job: id }, 'event stream closed; the reader can resume it');
      } finally {
        stream.close();
        streams.delete(stream);
      }
    },
  );

  app.get(
    '/v1/events',
    {
      config: reading,
      schema: {
        summary:
          'Changes of all jobs as server-sent events: `job` with its latest state (one event for ' +
          'several changes), `deleted`',
        tags: ['events'],
        headers: resumed,
        querystring: query,
        produces: ['text/event-stream'],
        response: { 200: z.string() },
      },
    },
    async ({ headers, query: { after } }, reply) => {
      admit();
      const from = headers['last-event-id'] ?? after;
      const reader = await jobsFeed.open(from === undefined ? null : Number(from));
      const stream = new EventStream(reply);
      streams.add(stream);
      stream.onClose(() => reader.close());
      try {
        while (stream.open) {
          for (const event of reader.take()) await stream.send(event);
          if (stream.open) await reader.wait(LOOK_MS);
        }
      } finally {
        reader.close();
        stream.close();
        streams.delete(stream);
      }
    },
  );
};
