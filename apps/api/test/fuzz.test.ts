import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Checker, type Answer } from './fuzz/check.ts';
import { generateRequests, type Description, type Request } from './fuzz/operations.ts';
import { buildWorld } from './fuzz/world.ts';

/** `pnpm test:api-fuzz` sends more. */
const REQUESTS = Number(process.env.GRADSMITH_FUZZ_REQUESTS ?? 300);
const SEED = Number(process.env.GRADSMITH_FUZZ_SEED ?? 20_261_125);
/** After so many requests, those of another caller must be answered. */
const BYSTANDER_EVERY = 50;
/** How long an event stream is read, ms. */
const STREAM_MS = 50;

async function send(base: string, { method, url, headers, body }: Request): Promise<Answer> {
  const cut = new AbortController();
  const response = await fetch(base + url, {
    method,
    headers,
    signal: cut.signal,
    redirect: 'manual',
    // A string would get a content type by itself.
    body: body === undefined ? null : new TextEncoder().encode(body),
  });
  const type = response.headers.get('content-type')?.split(';')[0] ?? '';
  const retryAfter = response.headers.get('retry-after');
  const { status } = response;
  if (type !== 'text/event-stream') return { status, type, text: await response.text(), retryAfter };
  setTimeout(() => cut.abort(), STREAM_MS);
  let text = '';
  try {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk;
  } catch {
    // Cut.
  }
  return { status, type, text, retryAfter };
}

/** Sends the requests of another caller. Throws if one of them is not answered with 200. */
async function checkBystander(base: string, job: string): Promise<void> {
  const own = ['status', 'trials', 'curves?trials=0', 'export'].map((part) => `/v1/jobs/${job}/${part}`);
  for (const path of ['/healthz', '/v1/jobs?fullName=bystander', ...own]) {
    const response = await fetch(base + path);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`bystander: ${path} is answered ${response.status} ${text}`);
  }
}

test(`${REQUESTS} generated requests: none makes the service fail, every answer matches the description`, async () => {
  const { url, errors, pools, bystander } = await buildWorld();
  const description = (await (await fetch(`${url}/openapi.json`)).json()) as Description;
  const checker = new Checker(description);
  const seen = new Map<string, Map<number, number>>();
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(generateRequests(description, pools), async (request) => {
      const answer = await send(url, request);
      const name = request.operation ? `${request.operation.method} ${request.operation.path}` : 'nowhere';
      const statuses = seen.get(name) ?? new Map<number, number>();
      seen.set(name, statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1));
      const fault = checker.findFault(request, answer);
      if (++sent % BYSTANDER_EVERY === 0) await checkBystander(url, bystander);
      if (fault)
        throw new Error(
          `${fault}\n${request.method} ${request.url}\n${answer.text.slice(0, 2_000)}\nlogged: ` +
            `${errors.at(-1) ?? 'nothing'}`,
        );
    }),
    {
      numRuns: REQUESTS,
      seed: SEED,
      interruptAfterTimeLimit: 3_400_000,
      markInterruptAsFailure: true,
      reporter: ({ failed, numRuns, counterexample, errorInstance }) => {
        if (failed)
          throw new Error(
            `after ${numRuns} requests: ` +
              `${String((errorInstance as Error | null)?.message)}\n${JSON.stringify(counterexample).slice(0, 2_000)}`,
          );
      },
    },
  );
  expect(errors).toEqual([]);
  report(seen);
  // Requests that never get through would prove nothing.
  const through = [...seen]
    .filter(([name, statuses]) => name !== 'nowhere' && [...statuses.keys()].some((status) => status < 300))
    .map(([name]) => name);
  const operations = Object.values(description.paths).flatMap((item) => Object.keys(item)).length;
  if (REQUESTS >= 5_000) expect(through).toHaveLength(operations);
  else expect(through.length).toBeGreaterThan(operations / 2);
}, 3_600_000);

function report(seen: ReadonlyMap<string, ReadonlyMap<number, number>>): void {
  if (REQUESTS < 5_000) return;
  for (const [name, statuses] of [...seen].sort())
    console.log(
      name.padEnd(60),
      [...statuses]
        .sort()
        .map(([status, count]) => `${status}×${count}`)
        .join(' '),
    );
}
