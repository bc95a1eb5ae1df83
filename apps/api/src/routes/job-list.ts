import {
  jobIdPattern,
  jobMatches,
  jobStates,
  jobSummarySchema,
  labelPattern,
  pageOf,
  toSummary,
  type JobFilter,
  type JobSummary,
  type JobView,
  type Ledger,
} from '@gradsmith/core';
import type { FastifyPluginAsync } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RouteDeps } from '../deps.ts';
import { reading } from '../keys/scopes.ts';

/** Jobs looked at for one page of a filtered list, or sorted together, at most: the answer stays quick. */
const SCAN = 2_000;
/** Jobs read at once. */
const CHUNK = 50;

const label = z
  .string()
  .max(330)
  .regex(labelPattern, "is a label's key, or key:value")
  .describe('`key` or `key:value`; given several times, all must hold');
const sorts = ['-createdAt', 'createdAt', 'name', '-name', 'state', 'best', '-best', 'settled', '-settled'] as const;

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(64).optional().describe('`next` of the page before'),
  state: z.enum(jobStates).optional(),
  name: z.string().max(64).optional().describe('Part of the name'),
  label: z.union([label, z.array(label).max(16)]).optional(),
  sort: z
    .enum(sorts)
    .default('-createdAt')
    .describe(
      `With a minus, descending. Any order but the newest first sorts the newest ${SCAN} jobs that the filters let through`,
    ),
});
type ListQuery = z.infer<typeof listQuery>;

const filterOf = ({ state, name, label }: ListQuery): JobFilter => ({ state, name, labels: [label ?? []].flat() });

export const jobListRoutes: FastifyPluginAsync<RouteDeps> = async (instance, { ledger }) => {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/v1/jobs',
    {
      config: reading,
      schema: {
        summary: 'List jobs with their counts and best values',
        tags: ['jobs'],
        querystring: listQuery,
        response: { 200: pageOf(jobSummarySchema) },
      },
    },
    async ({ query }) => (query.sort === '-createdAt' ? newestFirst(ledger, query) : sorted(ledger, query)),
  );
};

async function newestFirst(ledger: Ledger, query: ListQuery): Promise<{ items: JobSummary[]; next: string | null }> {
  const items: JobSummary[] = [];
  let after = query.cursor !== undefined && jobIdPattern.test(query.cursor) ? query.cursor : undefined;
  for await (const { id, found } of scan(ledger, after)) {
    if (items.length === query.limit) return { items, next: after ?? null };
    after = id;
    if (found && jobMatches(found, filterOf(query))) items.push(toSummary(found.job, found.spec));
  }
  return {
    items,
    next: (await ledger.store.list({ limit: 1, ...(after ? { after } : {}) })).length && after ? after : null,
  };
}

async function sorted(ledger: Ledger, query: ListQuery): Promise<{ items: JobSummary[]; next: string | null }> {
  const all: JobSummary[] = [];
  for await (const { found } of scan(ledger, undefined))
    if (found && jobMatches(found, filterOf(query))) all.push(toSummary(found.job, found.spec));
  const descending = query.sort.startsWith('-');
  const key = keys[query.sort.replace('-', '') as keyof typeof keys];
  // Jobs without the value come last either way.
  all.sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return (x < y ? -1 : x > y ? 1 : 0) * (descending ? -1 : 1);
  });
  const from = /^\d{1,6}$/.test(query.cursor ?? '') ? Number(query.cursor) : 0;
  const next = from + query.limit;
  return { items: all.slice(from, next), next: next < all.length ? String(next) : null };
}

const keys = {
  createdAt: ({ createdAt }: JobSummary) => createdAt,
  name: ({ name }: JobSummary) => name,
  state: ({ state }: JobSummary) => jobStates.indexOf(state),
  best: ({ best }: JobSummary) => best?.value ?? null,
  settled: ({ settled }: JobSummary) => settled,
};

async function* scan(ledger: Ledger, from: string | undefined): AsyncGenerator<{ id: string; found: JobView | null }> {
  let after = from;
  for (let scanned = 0; scanned < SCAN; scanned += CHUNK) {
    const ids = await ledger.store.list({ limit: CHUNK, ...(after ? { after } : {}) });
    const found = await Promise.all(ids.map((id) => ledger.findJob(id)));
    for (const [i, id] of ids.entries()) yield { id, found: found[i]! };
    if (ids.length < CHUNK) return;
    after = ids.at(-1);
  }
}
