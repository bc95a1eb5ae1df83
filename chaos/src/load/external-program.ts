import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../journal.ts';
import { getExternalValue } from '../objective.ts';
import type { Random } from '../random.ts';
import type { HttpClient } from './http.ts';

/** The shortest lease the API gives, ms. */
const LEASE_MS = 1_000;

/** Share of the requests that ask for several trials, and how many at most. */
const BATCHES = 0.25;
const MAX_BATCH = 4;

/** How the program handles its trials: frequencies among a hundred. */
const behaviors = { report: 72, heartbeat: 6, vanish: 4, sleep: 5, fail: 2, release: 2, twice: 8, contradict: 1 };

export interface ProgramContext {
  http: HttpClient;
  note(answer: Omit<Answer, 'at'>): void;
  /** Ids of the jobs that programs can ask for trials. */
  jobs(): readonly string[];
  /** Whether the faults are finished, so that programs only report results and the run can end. */
  calm(): boolean;
}

interface TrialRef {
  job: string;
  trial: string;
  attempt: string;
}

/** A program that asks for trials and reports their values, and that sometimes fails as real programs do. */
export class ExternalProgram {
  readonly #name: string;
  readonly #random: Random;
  readonly #context: ProgramContext;

  constructor(name: string, random: Random, context: ProgramContext) {
    this.#name = name;
    this.#random = random;
    this.#context = context;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const jobs = this.#context.jobs();
      const ask = this.#random.chance(BATCHES) ? this.#askSeveral : this.#askOne;
      if (!jobs.length || !(await ask.call(this, this.#random.pick(jobs)))) await delay(300);
    }
  }

  async #askOne(job: string): Promise<boolean> {
    const attempt = randomUUID();
    const start = performance.now();
    const asked = await this.#context.http.send('POST', `/v1/jobs/${job}/ask`, {
      attempt,
      lease: `${LEASE_MS}ms`,
      wait: '1s',
      worker: this.#name,
    });
    if (asked?.body.answer !== 'trial') return false;
    const trial = String(asked.body.trial);
    this.#context.note({ job, operation: 'ask', answer: 'trial', trial, attempt, start, end: performance.now() });
    const { value } = getExternalValue(asked.body.point as { x: number; k: number });
    await this.#work({ job, trial, attempt }, value);
    return true;
  }

  /** Asks for several trials, and reports their results together. */
  async #askSeveral(job: string): Promise<boolean> {
    const attempts = Array.from({ length: this.#random.int(2, MAX_BATCH) }, () => randomUUID());
    const start = performance.now();
    const request = { attempts, lease: `${LEASE_MS}ms`, wait: '1s', worker: this.#name };
    const asked = await this.#context.http.send('POST', `/v1/jobs/${job}/ask-many`, request);
    if (asked?.body.answer !== 'trials') return false;
    const end = performance.now();
    const items = asked.body.items as { trial: string; attempt: string; point: { x: number; k: number } }[];
    for (const { trial, attempt } of items)
      this.#context.note({ job, operation: 'ask', answer: 'trial', trial, attempt, start, end });
    const results = items.map(({ trial, attempt, point }) => ({
      trial,
      attempt,
      value: getExternalValue(point).value,
    }));
    await delay(this.#random.between(5, 100));
    const behavior = this.#context.calm() ? 'report' : this.#random.weighted(behaviors);
    if (behavior === 'vanish') return true;
    if (behavior === 'sleep') await delay(this.#random.between(0.8, 4) * LEASE_MS);
    await this.#tellSeveral(job, results);
    if (behavior === 'twice') await this.#tellSeveral(job, results.toReversed());
    // One of the results differs, the others count.
    if (behavior === 'contradict')
      await this.#tellSeveral(
        job,
        results.map((each, i) => (i === 0 ? { ...each, value: each.value + 1 } : each)),
      );
    return true;
  }

  async #tellSeveral(
    job: string,
    results: readonly { trial: string; attempt: string; value: number }[],
  ): Promise<void> {
    const { http, note } = this.#context;
    const start = performance.now();
    const answered = await http.send('POST', `/v1/jobs/${job}/tell-many`, { results });
    if (!answered)
      return results.forEach((each) => note({ job, operation: 'tell', answer: 'unknown', ...each, start }));
    const end = performance.now();
    note({ job, operation: 'tell-many', answer: answered.status === 200 ? 'reported' : String(answered.status) });
    if (answered.status !== 200) return;
    // An answer names its trial and its attempt, so it belongs to the result with both.
    for (const { trial, attempt, answer } of answered.body.items as {
      trial: string;
      attempt: string;
      answer: string;
    }[]) {
      const result = results.find((each) => each.trial === trial && each.attempt === attempt);
      note({ job, operation: 'tell', answer, trial, attempt, value: result!.value, start, end });
    }
  }

  async #work(ref: TrialRef, value: number): Promise<void> {
    const report = (value: number): Promise<void> => this.#send(ref, 'tell', { value });
    await delay(this.#random.between(5, 100));
    if (this.#random.chance(0.3)) await this.#read(ref);
    await this.#behave(ref, value, report);
    if (this.#random.chance(0.3)) await this.#read(ref);
  }

  async #behave(ref: TrialRef, value: number, report: (value: number) => Promise<void>): Promise<void> {
    switch (this.#context.calm() ? 'report' : this.#random.weighted(behaviors)) {
      case 'vanish':
        return;
      case 'sleep':
        await delay(this.#random.between(0.8, 4) * LEASE_MS);
        return report(value);
      case 'heartbeat':
        for (let beat = 0; beat < 6; beat++) {
          const body = { attempt: ref.attempt, lease: `${LEASE_MS}ms` };
          await this.#context.http.send('POST', `/v1/jobs/${ref.job}/trials/${ref.trial}/heartbeat`, body);
          await delay(LEASE_MS / 4);
        }
        return report(value);
      case 'fail':
        return this.#send(ref, 'fail', { reason: 'on purpose' });
      case 'release':
        return this.#send(ref, 'release', {});
      case 'twice':
        await report(value);
        return report(value);
      case 'contradict':
        await report(value);
        return report(value + 1);
      case 'report':
        return report(value);
    }
  }

  async #send(
    ref: TrialRef,
    operation: 'tell' | 'fail' | 'release',
    body: { value?: number; reason?: string },
  ): Promise<void> {
    const { job, trial, attempt } = ref;
    const path = `/v1/jobs/${job}/trials/${trial}/${operation}`;
    const start = performance.now();
    const answered = await this.#context.http.send('POST', path, { attempt, ...body });
    const reported = body.value === undefined ? {} : { value: body.value };
    if (!answered) return this.#context.note({ ...ref, operation, answer: 'unknown', ...reported, start });
    // A refusal of the trial protocol is a problem that names it.
    const answer = String(answered.body.answer ?? answered.status);
    this.#context.note({ ...ref, operation, answer, ...reported, start, end: performance.now() });
  }

  /** Reads the trial as any client may. */
  async #read({ job, trial }: TrialRef): Promise<void> {
    const start = performance.now();
    const answered = await this.#context.http.send('GET', `/v1/jobs/${job}/trials/${trial}`);
    if (answered?.status !== 200) return;
    const { state, value } = answered.body;
    const read = typeof value === 'number' ? { value } : {};
    this.#context.note({
      job,
      trial,
      operation: 'read',
      answer: String(state),
      ...read,
      start,
      end: performance.now(),
    });
  }
}
