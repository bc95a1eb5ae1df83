import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isActive, isSettled, LedgerUnavailable } from '@gradsmith/core/domain';
import { Ledger } from '@gradsmith/core/ledger';
import { connectRedis, type RedisPorts } from '@gradsmith/redis';
import { MemoryLog } from '@gradsmith/testing';
import type { Role } from './cast/actor.ts';
import { Company } from './cast/company.ts';
import { checkRun, type Verdict } from './check/check-run.ts';
import { dumpLedger } from './check/dump.ts';
import { doFault, type FaultMix, type FaultName } from './faults.ts';
import type { Answer } from './journal.ts';
import { actOn, postJob } from './load/client.ts';
import { HttpClient } from './load/http.ts';
import { planJob } from './load/jobs.ts';
import { OutsideProgram } from './load/outside-program.ts';
import { Random } from './random.ts';
import type { SabotageName } from './sabotage.ts';

export interface RunSettings {
  folder: string;
  seed: number;
  /** The run goes on until so many trials are settled, processes and Redis killed. */
  trials: number;
  processKills: number;
  redisKills: number;
  mix: FaultMix;
  /** Mean pause between two faults, ms. */
  faultEveryMs: number;
  /** Jobs that are worked on at once. */
  jobsAtOnce: number;
  count: Record<Role, number>;
  programs: number;
  sabotage: SabotageName | null;
  /** Ends the run when it has taken so long, ms, whatever it has reached. */
  longestMs: number;
  /** How long the ledger may take to settle everything once all faults are over, ms: several leases and a message lock. */
  calmMs: number;
  say(line: string): void;
}

export interface RunReport extends Verdict {
  settled: number;
  jobs: number;
  done: Record<string, number>;
  killed: number;
  redisKilled: number;
  torn: number;
  outOfMemory: number;
  /** Processes that ended without being told to, and were started again. */
  revived: number;
  slowestShutdownMs: number;
  ms: number;
}

const trialLeaseMs = 1_500;
const coordinatorLeaseMs = 1_000;

/** One chaos run: break everything until the goals are reached, let it heal, and read the ledger. */
export async function run(settings: RunSettings): Promise<RunReport> {
  const { folder, seed, say } = settings;
  mkdirSync(folder, { recursive: true });
  const start = performance.now();
  const company = await Company.assemble({
    ...settings,
    random: new Random(seed, 'redis'),
    trialLeaseMs,
    coordinatorLeaseMs,
  });
  const ports = await connectRedis({ url: company.store.server.url, timeoutMs: 10_000 }, new MemoryLog());
  const stage = new Stage(settings, company, ports);
  try {
    await stage.chaos();
    await stage.calm();
    const queued = await stage.queued();
    const shutdowns = await stage.close();
    // Nobody writes any more: the journals end where the ledger does.
    await dumpLedger(new Ledger(ports.store), join(folder, 'ledger.jsonl'));
    const verdict = checkRun(folder, { queued });
    say(`run took ${Math.round((performance.now() - start) / 1000)} s`);
    return {
      ...verdict,
      ...stage.counted(),
      slowestShutdownMs: Math.max(...shutdowns.values()),
      ms: performance.now() - start,
    };
  } finally {
    await stage.close();
    await ports.close();
    await company.store.server.kill();
    for (const cage of company.cages) cage.remove();
  }
}

/** A run while it goes on. */
class Stage {
  readonly #settings: RunSettings;
  readonly #company: Company;
  readonly #ledger: Ledger;
  readonly #http: HttpClient;
  readonly #over = new AbortController();
  readonly #notes;
  readonly #open = new Map<string, { outside: boolean; settled: number; acting: boolean }>();
  readonly #acting = new Set<Promise<void>>();
  readonly #done: Record<string, number> = {};
  #settled = 0;
  #jobs = 0;
  #calm = false;
  #killed = 0;
  #revived = 0;
  #closed: Promise<Map<string, number>> | null = null;

  constructor(settings: RunSettings, company: Company, ports: RedisPorts) {
    this.#settings = settings;
    this.#company = company;
    this.#ledger = new Ledger(ports.store);
    this.#http = new HttpClient(
      company.doors.map(({ port }) => `http://127.0.0.1:${port}`),
      this.#over.signal,
    );
    this.#notes = createWriteStream(join(settings.folder, 'journal', 'clients.answers'));
    const world = {
      http: this.#http,
      note: this.#note,
      calm: () => this.#calm,
      jobs: () => [...this.#open].flatMap(([id, { outside }]) => (outside ? [id] : [])),
    };
    for (let i = 1; i <= settings.programs; i++) {
      void new OutsideProgram(`program-${i}`, new Random(settings.seed, `program-${i}`), world).run(this.#over.signal);
    }
  }

  /** Until the goals are reached. */
  async chaos(): Promise<void> {
    const { seed, mix, faultEveryMs, longestMs } = this.#settings;
    const random = new Random(seed, 'faults');
    const undone = new Set<Promise<unknown>>();
    const end = performance.now() + longestMs;
    // Neither ends by itself before the calm, but for a fault of the run, which has to end it.
    const background = Promise.all([this.#keepPosting(), this.#watch()]);
    // The processes have to be there before they can be broken.
    while (!this.#company.actors.every(({ ready }) => ready)) await Promise.race([delay(100), background]);
    this.#settings.say('every process is at work');
    while (!this.#reached() && performance.now() < end) {
      const name = random.weighted(mix as Record<FaultName, number>);
      const fault = doFault(name, { company: this.#company, random }).then((done) => {
        if (done) this.#done[name] = (this.#done[name] ?? 0) + 1;
        if (done && name === 'kill') this.#killed += 1;
        undone.delete(fault);
      });
      undone.add(fault);
      await Promise.race([delay(faultEveryMs * random.between(0.2, 1.8)), background]);
      // However slow the machine: it must not come to nothing but starting.
      while (!this.#company.manned && performance.now() < end) await delay(50);
    }
    this.#calm = true;
    await Promise.all(undone);
    await this.#company.heal();
    this.#settings.say('no more faults; everything has to come to its end now');
    await background;
  }

  /** Until every job has ended, or for as long as that may take. */
  async calm(): Promise<void> {
    const end = performance.now() + this.#settings.calmMs;
    while (performance.now() < end) {
      await this.#look();
      if (!this.#open.size && !this.#acting.size) return;
      await delay(500);
    }
  }

  /** Messages that are left in the queue of the trainers; it should be empty soon after the last job has ended. */
  async queued(): Promise<number> {
    const { server } = this.#company.store;
    const length = async (list: string): Promise<number> =>
      Number(/^:(\d+)/.exec(await server.command('LLEN', `gradsmith:queue:known-objective:${list}`))?.[1] ?? 0);
    const end = performance.now() + Math.min(45_000, this.#settings.calmMs);
    for (;;) {
      const left = (await length('wait')) + (await length('active'));
      if (left === 0 || performance.now() > end) return left;
      await delay(500);
    }
  }

  close(): Promise<Map<string, number>> {
    this.#over.abort();
    this.#closed ??= this.#company.close().then((took) => {
      this.#notes.end();
      return took;
    });
    return this.#closed;
  }

  counted() {
    const { store, cages } = this.#company;
    const outOfMemory = cages.reduce((sum, cage) => sum + cage.kills(), 0);
    return {
      settled: this.#settled,
      jobs: this.#jobs,
      done: this.#done,
      killed: this.#killed,
      revived: this.#revived,
      redisKilled: store.kills,
      torn: store.torn,
      outOfMemory,
    };
  }

  readonly #note = (answer: Omit<Answer, 'at'>): void =>
    void this.#notes.write(`${JSON.stringify({ at: Date.now(), ...answer })}\n`);

  #reached(): boolean {
    const { trials, processKills, redisKills } = this.#settings;
    return this.#settled >= trials && this.#killed >= processKills && this.#company.store.kills >= redisKills;
  }

  async #keepPosting(): Promise<void> {
    const { seed, jobsAtOnce } = this.#settings;
    const random = new Random(seed, 'jobs');
    while (!this.#calm) {
      if (this.#open.size >= jobsAtOnce) {
        await delay(100);
        continue;
      }
      const index = this.#jobs++;
      const planned = planJob(random, seed, index);
      const deps = {
        http: this.#http,
        ledger: this.#ledger,
        random: new Random(seed, `client-${index}`),
        note: this.#note,
      };
      const id = await postJob(deps, planned);
      if (!id) return;
      const known = { outside: planned.spec.objective.kind === 'external', settled: 0, acting: true };
      this.#open.set(id, known);
      const acting = actOn(deps, id, planned, this.#over.signal).finally(() => {
        known.acting = false;
        this.#acting.delete(acting);
      });
      this.#acting.add(acting);
    }
  }

  async #watch(): Promise<void> {
    for (let second = 0; !this.#calm; second++) {
      await delay(1_000);
      this.#revived += this.#company.revive();
      await this.#look();
      if (second % 10 === 9) this.#settings.say(this.#progress());
    }
  }

  #progress(): string {
    const { trials, processKills, redisKills } = this.#settings;
    return `${this.#settled}/${trials} trials settled, ${this.#killed}/${processKills} processes and ${this.#company.store.kills}/${redisKills} Redis killed, ${this.#jobs} jobs, ${this.#open.size} open`;
  }

  /** Counts what is settled and forgets the jobs that have ended. */
  async #look(): Promise<void> {
    for (const [id, known] of this.#open) {
      try {
        const found = await this.#ledger.findJob(id);
        const settled = found ? countSettled(found.job.counts) : known.settled;
        this.#settled += settled - known.settled;
        known.settled = settled;
        // What the client does may bring an ended job back to life.
        if (!known.acting && (!found || !isActive(found.job.state))) this.#open.delete(id);
      } catch (error) {
        if (!(error instanceof LedgerUnavailable)) throw error;
        return;
      }
    }
  }
}

function countSettled(counts: Readonly<Record<string, number>>): number {
  return Object.entries(counts).reduce(
    (sum, [state, count]) =>
      sum + (isSettled(state as Parameters<typeof isSettled>[0]) && state !== 'cancelled' ? count : 0),
    0,
  );
}
