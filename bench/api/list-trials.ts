// Counts the bytes of a list of 50,000 trials, and those that a follower of a job reads. See README.md.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { createLargeDocument, largeJobId } from '@gradsmith/testing';
import { numberFrom, readOptions } from '../lib/options.ts';
import { checkClaim, formatShows } from '../lib/shows.ts';
import { sendRequest } from './load.ts';
import { startService } from './service.ts';

const values = readOptions({
  command: 'node bench/api/list-trials.ts',
  does: [
    'Counts the bytes of a list of many trials, and those that a follower of a job reads while one trial stays open.',
    'Half a minute; needs redis-server. Ends with status 1 where a claim is missed.',
  ],
  quick: 'a tenth of the trials, and a tenth of the bytes allowed',
  options: { trials: { takes: '<n>', meaning: 'trials to list', initial: '50000', parse: numberFrom(100) } },
  examples: ['node bench/api/list-trials.ts', 'node bench/api/list-trials.ts --quick --json trials.json'],
});
const TRIALS = values.quick ? values.trials / 10 : values.trials;
const MOST_LIST_MB = (4 * TRIALS) / 50_000;
const FOLLOWED = 50;
const MOST_FOLLOWED_KB = 10;

const service = await startService(process.env);

async function request<T>(
  path: string,
  method: 'GET' | 'POST' = 'GET',
  body?: object,
): Promise<{ json: T; text: string }> {
  const { status, text } = await sendRequest(`${service.url}/v1/jobs${path}`, method, body);
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 300)}`);
  return { json: JSON.parse(text) as T, text };
}

/** Reads all pages. Returns their bytes in megabytes, as they are and compressed one by one. */
async function measureList(): Promise<{ plain: number; compressed: number }> {
  await request('/import', 'POST', createLargeDocument(TRIALS));
  let [plain, compressed, listed] = [0, 0, 0];
  for (let cursor = ''; ;) {
    const { json, text } = await request<{ rows: unknown[]; next: string | null }>(
      `/${largeJobId}/trial-rows?limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    plain += Buffer.byteLength(text) / 1e6;
    compressed += gzipSync(text, { level: 1 }).length / 1e6;
    listed += json.rows.length;
    if (json.next === null) break;
    cursor = json.next;
  }
  if (listed < TRIALS) throw new Error(`${listed} of ${TRIALS} trials were listed`);
  return { plain, compressed };
}

interface Changes {
  items: object[];
  seq: number;
  next: string | null;
}

/** Completes trials while another one stays open. Returns what a follower reads, kB per changed trial. */
async function measureFollower(): Promise<number> {
  const { json } = await request<{ id: string }>('', 'POST', {
    name: 'followed',
    objective: { kind: 'external', metric: { name: 'x', direction: 'minimize' } },
    space: { x: { type: 'float', low: 0, high: 1 } },
    search: { algorithm: 'random', trials: 10_000, maxParallelism: 2, seed: 1 },
  });
  const ask = async (): Promise<{ attempt: string; trial: string }> => {
    const attempt = randomUUID();
    const { json: asked } = await request<{ trial: string }>(`/${json.id}/ask`, 'POST', {
      attempt,
      wait: '10s',
      lease: '1h',
    });
    return { attempt, trial: asked.trial };
  };
  await ask();
  let [bytes, changed, seq] = [0, 0, (await request<Changes>(`/${json.id}/trials?after=0`)).json.seq];
  for (let n = 0; n < FOLLOWED; n++) {
    const { attempt, trial } = await ask();
    await request(`/${json.id}/trials/${trial}/tell`, 'POST', { attempt, value: n });
    const { json: changes, text } = await request<Changes>(`/${json.id}/trials?after=${seq}`);
    bytes += Buffer.byteLength(text);
    changed += changes.items.length;
    seq = changes.seq;
  }
  return bytes / changed / 1e3;
}

try {
  const { plain, compressed } = await measureList();
  const followed = await measureFollower();
  const shows = [
    checkClaim(`${TRIALS} trials listed with id, state, value and point, not compressed`, plain, 'MB', [
      'at most',
      MOST_LIST_MB,
    ]),
    checkClaim(`${TRIALS} trials listed with id, state, value and point, with gzip`, compressed, 'MB', [
      'at most',
      MOST_LIST_MB,
    ]),
    checkClaim('read per changed trial while one stays open', followed, 'kB', ['at most', MOST_FOLLOWED_KB]),
  ];
  console.log(formatShows(shows));
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ trials: TRIALS, shows }, null, 2)}\n`);
  if (shows.some(({ pass }) => pass === false)) process.exitCode = 1;
} finally {
  await service.stop();
}
