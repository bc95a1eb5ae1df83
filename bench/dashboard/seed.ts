import { randomUUID } from 'node:crypto';
import { Gradsmith } from '@gradsmith/client';
import { importJob, jobDocumentSchema } from '@gradsmith/core/jobs';
import { Ledger } from '@gradsmith/core/ledger';
import { connectRedis } from '@gradsmith/redis';
import { createLargeDocument } from '@gradsmith/testing';

const quiet = { debug() {}, info() {}, warn() {}, error: console.error };
const HEARTBEAT_MS = 2_000;

export const largeJob = createId(1e9);

/** Writes finished jobs: one with many trials, and many with three trials. */
export async function seedJobs(redisUrl: string, trials: number, jobs: number): Promise<void> {
  const redis = await connectRedis({ url: redisUrl }, quiet);
  try {
    const ledger = new Ledger(redis.store);
    await importJob(ledger, jobDocumentSchema.parse(createLargeDocument(trials, largeJob)));
    for (let i = 0; i < jobs; i++) {
      const document = createLargeDocument(3, createId(i));
      document.spec.name = `job-${String(i).padStart(5, '0')}`;
      document.job.createdAt += i;
      await importJob(ledger, jobDocumentSchema.parse(document));
    }
  } finally {
    await redis.close();
  }
}

/** Lets the large job run one more trial, which reports its progress until it is stopped. */
export async function startSlowTrial(url: string, trials: number): Promise<{ stop(): void }> {
  const api = new Gradsmith({ url });
  await api.extend(largeJob, trials + 1);
  const attempt = randomUUID();
  const answer = await askUntilTrial(api, attempt);
  let step = 0;
  const beat = async (): Promise<void> => {
    await api.heartbeat(largeJob, answer, { attempt, progress: { step: ++step, value: 0.5 + 0.4 / step } });
  };
  const timer = setInterval(() => void beat().catch(console.error), HEARTBEAT_MS);
  return { stop: () => clearInterval(timer) };
}

async function askUntilTrial(api: Gradsmith, attempt: string): Promise<string> {
  for (let i = 0; i < 30; i++) {
    const answer = await api.ask(largeJob, { attempt, wait: '2s' });
    if (answer.answer === 'trial') return answer.trial;
  }
  throw new Error('the large job has no trial that can be asked for');
}

function createId(n: number): string {
  return `job_${n.toString(16).padStart(20, '0')}`;
}
