import { LedgerUnavailable } from '@gradsmith/core/domain';
import type { Ledger } from '@gradsmith/core/ledger';
import type { FastifyInstance } from 'fastify';

/** How often the jobs are looked at, ms. */
const INTERVAL_MS = 10_000;

/**
 * Adds jobs to the index that processes of an earlier version have created or changed during a rolling upgrade: from
 * the start, so that the first list need not wait, and every ten seconds.
 */
export function keepJobsNamed(app: FastifyInstance, ledger: Ledger): void {
  const nameJobs = (): void => {
    ledger.nameJobs().catch((error: unknown) => {
      // An outage of the ledger is logged where requests meet it.
      const level = error instanceof LedgerUnavailable ? 'debug' : 'error';
      app.log[level]({ err: error }, 'jobs could not be added to the index');
    });
  };
  let timer: NodeJS.Timeout | undefined;
  app.addHook('onReady', async () => {
    nameJobs();
    timer = setInterval(nameJobs, INTERVAL_MS).unref();
  });
  app.addHook('onClose', async () => clearInterval(timer));
}
