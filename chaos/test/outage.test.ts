// The ledger is away for longer than every lease while trials are trained: workers keep their results and report them
// later.
import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '@gradsmith/testing';
import { afterEach, expect, test } from 'vitest';
import { Bench } from './bench.ts';

/** The long suite asks for 60. */
const OUTAGE_S = Number(process.env.GRADSMITH_TEST_OUTAGE_S ?? 12);

let bench: Bench;
afterEach(async () => bench.stop());

test(
  `Redis away for ${OUTAGE_S} s, longer than every lease, while trials finish: every result is reported ` +
    `once, no trial runs again`,
  async () => {
    const leaseMs = (OUTAGE_S * 1_000) / 3;
    // Trials finish in the middle of the outage.
    bench = await Bench.start(leaseMs, { ms: (OUTAGE_S * 1_000) / 2 });
    await bench.launch('coordinator');
    await bench.launch('worker', { GRADSMITH_SLOTS: '5' });
    const id = await bench.job({ trials: 4 });
    const running = await waitUntil(async () => {
      const trials = await bench.trials(id);
      return trials.length === 5 && trials.every(({ state }) => state === 'running') ? trials : null;
    }, 60_000);
    await bench.server.kill();
    await delay(OUTAGE_S * 1_000);
    await bench.server.start();
    const job = await bench.waitUntilFinished(id, 60_000);
    const trials = await bench.trials(id);
    expect(job).toMatchObject({ state: 'completed', counts: { complete: 4 } });
    // Four trials and the reference, each with the one attempt that ran when Redis went away.
    expect(trials.map(({ attempts }) => attempts.map(({ id, outcome }) => [id, outcome]))).toEqual(
      running.map(({ attempts }) => [[attempts[0]!.id, 'reported']]),
    );
  },
);
