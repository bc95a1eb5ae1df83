import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { createVictim } from './hostile-jobs.ts';

/** How often a caller asks whether a job is finished, ms. */
const POLL_MS = 200;
const PATIENCE_MS = 240_000;

/** What the status of a job says. */
interface FinishedJob {
  readonly phase: string;
  readonly state: string;
  readonly reason: string | null;
  readonly counts: Readonly<Record<string, number>>;
}

/** The service as one caller sees it. */
export class Caller {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** @param body a text is sent as it is, anything else as JSON */
  async send(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const text = body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body);
    const response = await fetch(`${this.url}${path}`, { method, headers, body: text });
    return { status: response.status, text: await response.text() };
  }

  async create(job: object): Promise<string> {
    const { status, text } = await this.send('POST', '/v1/jobs', job);
    expect(status, text.slice(0, 500)).toBe(201);
    return (JSON.parse(text) as { id: string }).id;
  }

  async waitUntilFinished(id: string): Promise<FinishedJob> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const { status, text } = await this.send('GET', `/v1/jobs/${id}/status`);
      expect(status, text.slice(0, 500)).toBe(200);
      const job = JSON.parse(text) as FinishedJob;
      if (job.phase === 'finished') return job;
      if (performance.now() > end) throw new Error(`${id} is not finished: ${text.slice(0, 1_000)}`);
      await delay(POLL_MS);
    }
  }

  /** Creates ordinary jobs at once and returns the time until all are finished, ms. */
  async measurePace(run: string, { jobs, trials }: { jobs: number; trials: number }): Promise<VictimRun> {
    const start = performance.now();
    const ids: string[] = [];
    for (let i = 0; i < jobs; i++) ids.push(await this.create(createVictim(`${run}-${i}`, trials)));
    for (const id of ids) {
      const status = await this.waitUntilFinished(id);
      expect(status, status.reason ?? '').toMatchObject({ state: 'completed', counts: { complete: trials } });
    }
    return { ms: performance.now() - start, ids };
  }

  /** Sends requests that have nothing to do with the attacks. */
  async checkBystander(id: string): Promise<void> {
    const paths = ['/readyz', '/metrics', '/v1/jobs', '/v1/jobs?sort=name', '/v1/jobs?sort=-best', '/v1/workers'];
    const ofJob = ['', '/status', '/trials', '/trials/0', '/best', '/trials.csv', '/export'];
    for (const path of [...paths, ...ofJob.map((part) => `/v1/jobs/${id}${part}`)]) {
      const { status, text } = await this.send('GET', path);
      expect([path, status, text.slice(0, 200)]).toEqual([path, 200, expect.any(String)]);
    }
  }
}

export interface VictimRun {
  readonly ms: number;
  readonly ids: readonly string[];
}
