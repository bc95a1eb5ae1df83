// Callers that choose the same idempotency key get separate jobs; without the safeguard, one gets the other's.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@gradsmith/testing';
import { afterEach, expect, test } from 'vitest';
import { makeKey } from '../../apps/api/src/keys/key.ts';
import { Bench } from './bench.ts';

let bench: Bench;
afterEach(async () => bench.stop());

test.each([
  ['get separate jobs', undefined, 2],
  ["get one another's without the safeguard", 'key-scope', 1],
])('callers with the same idempotency key %s', async (_, sabotage, jobs) => {
  bench = await Bench.start(4_000, {});
  const callers = ['first', 'second'].map((id) => ({ id, ...makeKey(id) }));
  const keys = join(mkdtempSync(join(tmpdir(), 'gradsmith-chaos-')), 'keys');
  const entries = callers.map(({ id, hash }) => ({ id, hash, scopes: ['read', 'write'] }));
  writeFileSync(keys, JSON.stringify({ keys: entries }), { mode: 0o600 });
  const port = await freePort();
  await bench.launch('api', { GRADSMITH_KEYS_FILE: keys, GRADSMITH_PORT: String(port), CHAOS_SABOTAGE: sabotage });
  const ids = await Promise.all(
    callers.map(async ({ key }) => {
      const response = await fetch(`http://127.0.0.1:${port}/v1/jobs`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': 'nightly' },
        body: JSON.stringify({
          name: 'nightly',
          objective: { kind: 'external', metric: { name: 'loss', direction: 'minimize' } },
          space: { x: { type: 'float', low: 0, high: 1 } },
          search: { trials: 1 },
        }),
      });
      expect(response.status).toBeLessThan(300);
      return ((await response.json()) as { id: string }).id;
    }),
  );
  expect(new Set(ids).size).toBe(jobs);
});
