import { createJob } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { jobSpec, listIds, MemoryLog, startRedisServer } from '@gradsmith/testing';
import { expect, test } from 'vitest';
import { connectRedis } from '../src/index.ts';

/** Number of kills. `pnpm test:full` sets a higher one. */
const KILLS = Number(process.env.GRADSMITH_TEST_KILLS ?? 20);

test(`an acknowledged job survives the kill of Redis in the next moment, ${KILLS} times`, async () => {
  const server = await startRedisServer(process.env);
  const acknowledged: string[] = [];
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const ports = await connectRedis({ url: server.url }, new MemoryLog());
      const id = `job_${kill}`;
      await createJob(new Ledger(ports.store), id, jobSpec({ trials: 1 + kill }));
      const dead = server.kill();
      acknowledged.push(id);
      await dead;
      await ports.close();
      await server.start();
    }
    const ports = await connectRedis({ url: server.url }, new MemoryLog());
    const ledger = new Ledger(ports.store);
    const found = await Promise.all(acknowledged.map((id) => ledger.findJob(id)));
    expect(found.map((view) => view?.spec.search.trials)).toEqual(acknowledged.map((_, kill) => 1 + kill));
    expect((await listIds(ports.store, { active: true })).sort()).toEqual([...acknowledged].sort());
    await ports.close();
  } finally {
    await server.stop();
  }
}, 600_000);
