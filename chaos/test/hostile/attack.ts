import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createLargeDocument } from '@gradsmith/testing';
import { expect } from 'vitest';
import type { Caller } from './caller.ts';
import { refusedRequests } from './hostile-jobs.ts';

const IMPORTS = 4;
const STREAMS = 150;

/** The parts of an attack that cost the attacker time. They are made before, so that the victim does not pay for it. */
export interface AttackPlan {
  readonly jobs: readonly (object & { name: string })[];
  readonly imports: readonly { id: string; text: string }[];
}

export interface AttackReport {
  /** Statuses of the imports. */
  readonly imports: readonly number[];
  /** Event streams that were accepted. */
  readonly streams: number;
  /** Ids of the hostile jobs by name. */
  readonly jobs: ReadonlyMap<string, string>;
}

/** @param trials of each imported job. 50,000 are close to the limit of a document, 64 MiB */
export function planAttack(name: string, jobs: AttackPlan['jobs'], trials: number): AttackPlan {
  const imports = Array.from({ length: IMPORTS }, (_, i) => {
    const id = `job_${createHash('sha256').update(`${name} ${i}`).digest('hex').slice(0, 20)}`;
    return { id, text: JSON.stringify(createLargeDocument(trials, id)) };
  });
  return { jobs, imports };
}

/**
 * Creates the hostile jobs, opens streams that nobody reads, imports large documents at once and sends requests that
 * must be refused, while `meanwhile` runs. After each refused request, a bystander's requests must succeed.
 */
export async function attackDuring<Result>(
  caller: Caller,
  plan: AttackPlan,
  { victim, meanwhile }: { victim: string; meanwhile: () => Promise<Result> },
): Promise<{ report: AttackReport; result: Result }> {
  const jobs = new Map<string, string>();
  for (const job of plan.jobs) jobs.set(job.name, await caller.create(job));
  const streams = new AbortController();
  try {
    const accepted = await floodWithStreams(caller.url, [...jobs.values()].at(-1)!, streams.signal);
    const [result, imports] = await Promise.all([
      meanwhile(),
      Promise.all(plan.imports.map(async ({ text }) => (await caller.send('POST', '/v1/jobs/import', text)).status)),
      sendRefused(caller, victim),
    ]);
    return { report: { imports, streams: accepted, jobs }, result };
  } finally {
    streams.abort();
  }
}

/** Cancels what is left of the attack and deletes it, so that the next one meets the same service. */
export async function endAttack(caller: Caller, plan: AttackPlan, { jobs }: AttackReport): Promise<void> {
  for (const id of jobs.values()) await caller.send('POST', `/v1/jobs/${id}/cancel`);
  for (const id of jobs.values()) await caller.waitUntilFinished(id);
  for (const id of [...jobs.values(), ...plan.imports.map((document) => document.id)])
    expect([200, 204, 404]).toContain((await caller.send('DELETE', `/v1/jobs/${id}`)).status);
}

async function sendRefused(caller: Caller, victim: string): Promise<void> {
  for (const [reason, method, path, body] of refusedRequests) {
    const { status } = await caller.send(method, path, body);
    expect([reason, Math.floor(status / 100)]).toEqual([reason, 4]);
    await caller.checkBystander(victim);
  }
}

/** Opens event streams that nobody reads. Returns how many were accepted. */
async function floodWithStreams(url: string, id: string, signal: AbortSignal): Promise<number> {
  const statuses = await Promise.all(
    Array.from({ length: STREAMS }, async (_, i) => {
      const path = i % 2 ? '/v1/events' : `/v1/jobs/${id}/events`;
      return (await fetch(url + path, { signal })).status;
    }),
  );
  // Places are limited for each caller, and a busy service refuses, too.
  expect([...new Set(statuses)].filter((status) => ![200, 429, 503].includes(status))).toEqual([]);
  return statuses.filter((status) => status === 200).length;
}

/** Asks for /healthz until `stop` is called, which returns the waits, ms. */
export function probeHealth(url: string): { stop(): Promise<number[]> } {
  const thread = new Worker(new URL('./probe-thread.ts', import.meta.url), { workerData: { url } });
  const waits = once(thread, 'message') as Promise<[number[]]>;
  return {
    stop: async () => {
      thread.postMessage('stop');
      return (await waits)[0];
    },
  };
}
