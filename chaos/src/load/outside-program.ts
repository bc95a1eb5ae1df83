import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../journal.ts';
import { outsideValue } from '../objective.ts';
import type { Random } from '../random.ts';
import type { HttpClient } from './http.ts';

/** The shortest lease the API gives, ms. */
const LEASE_MS = 1_000;

/** Of a hundred trials: how the program deals with them. */
const manners = { tell: 72, beat: 6, vanish: 4, sleep: 5, fail: 2, release: 2, twice: 8, contradict: 1 };

export interface OutsideWorld {
  http: HttpClient;
  note(answer: Omit<Answer, 'at'>): void;
  /** Ids of the jobs that programs may ask. */
  jobs(): readonly string[];
  /** No faults any more: programs behave, so that the run can end. */
  calm(): boolean;
}

/** A program that asks for trials and tells their values, with every bad manner that programs have. */
export class OutsideProgram {
  readonly #name: string;
  readonly #random: Random;
  readonly #world: OutsideWorld;

  constructor(name: string, random: Random, world: OutsideWorld) {
    this.#name = name;
    this.#random = random;
    this.#world = world;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const jobs = this.#world.jobs();
      if (!jobs.length || !(await this.#askOne(this.#random.pick(jobs)))) await delay(300);
    }
  }

  async #askOne(job: string): Promise<boolean> {
    const attempt = randomUUID();
    const asked = await this.#world.http.send('POST', `/v1/jobs/${job}/ask`, {
      attempt,
      lease: `${LEASE_MS}ms`,
      wait: '1s',
      worker: this.#name,
    });
    if (asked?.body.answer !== 'trial') return false;
    const trial = String(asked.body.trial);
    this.#world.note({ job, verb: 'ask', answer: 'trial', trial, attempt });
    await this.#work(job, trial, attempt, outsideValue(asked.body.point as { x: number; k: number }).value);
    return true;
  }

  async #work(job: string, trial: string, attempt: string, value: number): Promise<void> {
    const tell = (value: number): Promise<void> => this.#say(job, trial, attempt, 'tell', { value });
    await delay(this.#random.between(5, 100));
    switch (this.#world.calm() ? 'tell' : this.#random.weighted(manners)) {
      case 'vanish':
        return;
      case 'sleep':
        await delay(this.#random.between(0.8, 4) * LEASE_MS);
        return tell(value);
      case 'beat':
        for (let beat = 0; beat < 6; beat++) {
          await this.#world.http.send('POST', `/v1/jobs/${job}/trials/${trial}/heartbeat`, {
            attempt,
            lease: `${LEASE_MS}ms`,
          });
          await delay(LEASE_MS / 4);
        }
        return tell(value);
      case 'fail':
        return this.#say(job, trial, attempt, 'fail', { reason: 'on purpose' });
      case 'release':
        return this.#say(job, trial, attempt, 'release', {});
      case 'twice':
        await tell(value);
        return tell(value);
      case 'contradict':
        await tell(value);
        return tell(value + 1);
      case 'tell':
        return tell(value);
    }
  }

  async #say(
    job: string,
    trial: string,
    attempt: string,
    verb: 'tell' | 'fail' | 'release',
    body: { value?: number; reason?: string },
  ): Promise<void> {
    const answered = await this.#world.http.send('POST', `/v1/jobs/${job}/trials/${trial}/${verb}`, {
      attempt,
      ...body,
    });
    if (!answered) return;
    const answer = answered.status === 200 ? String(answered.body.answer) : String(answered.status);
    this.#world.note({ job, verb, answer, trial, attempt, ...(body.value === undefined ? {} : { value: body.value }) });
  }
}
