import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isActive, isSettled, LedgerUnavailable } from '@gradsmith/core/domain';
import { Ledger } from '@gradsmith/core/ledger';
import { connectRedis, type RedisPorts } from '@gradsmith/redis';
import { MemoryLog } from '@gradsmith/testing';
import { checkRun, type Verdict } from './check/check-run.ts';
import { dumpLedger } from './check/dump.ts';
import type { Role } from './cluster/cluster-process.ts';
import { Cluster } from './cluster/cluster.ts';
import { applyFault, type FaultMix, type FaultName } from './faults.ts';
import type { Answer } from './journal.ts';
import { performPlannedAction, postJob } from './load/client.ts';
import { Companions } from './load/companions.ts';
import { ExternalProgram } from './load/external-program.ts';
import { HttpClient } from './load/http.ts';
import { planJob } from './load/jobs.ts';
import { Random } from './random.ts';
import type { SabotageName } from './sabotage.ts';

export interface RunSettings {
  folder: string;
  seed: number;
  /** The run continues until this many trials are settled and processes and Redis were killed this often. */
  trials: number;
  processKills: number;
  redisKills: number;
  /** If given, the run also continues until this holds. */
  isReached?(run: RunProgress): boolean | Promise<boolean>;
  mix: FaultMix;
  /** Mean pause between two faults, ms. */
  faultEveryMs: number;
  /** Number of open jobs. */
  jobsAtOnce: number;
  count: Record<Role, number>;
  programs: number;
  sabotage: SabotageName | null;
  /** How long finished jobs stay before they are archived, as GRADSMITH_KEEP_JOBS. */
  keepJobs: string;
  /** Ends the run after this time even if it has not reached its goals, ms. */
  longestMs: number;
  /** Time to settle everything after the last fault, ms: several leases and a message lock. */
  calmMs: number;
  say(line: string): void;
}

/** What a run has done so far. */
export interface RunProgress {
  folder: string;
  ledger: Ledger;
  diskExits: number;
  /** Faults that were applied, by name. */
  done: Readonly<Record<string, number>>;
}

export interface RunReport extends Verdict {
  settled: number;
  jobs: number;
  done: Record<string, number>;
  killed: number;
  redisKilled: number;
  torn: number;
  /** Times that Redis exited because its disk failed. */
  diskExits: number;
  outOfMemory: number;
  /** Processes that exited on their own and were started again. */
  restarted: number;
  slowestShutdownMs: number;
  ms: number;
}

const trialLeaseMs = 1_500;
const coordinatorLeaseMs = 1_000;

/** Runs the cluster under faults until the goals are reached, undoes the faults, and checks the ledger. */
export async function runChaos(settings: RunSettings): Promise<RunReport> {
  const { folder, seed, say } = settings;
  mkdirSync(folder, { recursive: true });
  const start = performance.now();
  const cluster = await Cluster.start({
    ...settings,
    random: new Random(seed, 'redis'),
    trialLeaseMs,
    coordinatorLeaseMs,
  });
  const ports = await connectRedis({ url: cluster.store.server.url, timeoutMs: 10_000 }, new MemoryLog());
  const stage = new Stage(settings, cluster, ports);
  await stage.startCompanions();
  try {
    await stage.applyFaults();
    await stage.waitForJobs();
    const queued = await stage.countQueuedMessages();
    const shutdowns = await stage.close();
    // No process writes now, so the journals and the ledger end at the same change.
    await dumpLedger(ports.store, join(folder, 'ledger.jsonl'));
    const verdict = checkRun(folder, { queued });
    say(`run took ${Math.round((performance.now() - start) / 1000)} s`);
    return {
      ...verdict,
      ...stage.getCounts(),
      slowestShutdownMs: Math.max(...shutdowns.values()),
      ms: performance.now() - start,
    };
  } finally {
    await stage.close();
    await ports.close();
    await cluster.store.server.kill();
    for (const controlGroup of cluster.controlGroups) controlGroup.remove();
  }
}

/** A run in progress. */
class Stage {
  readonly #settings: RunSettings;
  readonly #cluster: Cluster;
  readonly #ledger: Ledger;
  readonly #http: HttpClient;
  readonly #finished = new AbortController();
  readonly #notes;
  readonly #open = new Map<string, { isExternal: boolean; settled: number; acting: boolean }>();
  readonly #acting = new Set<Promise<void>>();
  #companions: Companions | null = null;
  readonly #done: Record<string, number> = {};
  #settled = 0;
  #jobs = 0;
  #calm = false;
  #killed = 0;
  #restarted = 0;
  #closed: Promise<Map<string, number>> | null = null;

  constructor(settings: RunSettings, cluster: Cluster, ports: RedisPorts) {
    this.#settings = settings;
    this.#cluster = cluster;
    this.#ledger = new Ledger(ports.store);
    this.#http = new HttpClient(
      cluster.httpProxies.map(({ port }) => `http://127.0.0.1:${port}`),
      this.#finished.signal,
    );
    this.#notes = createWriteStream(join(settings.folder, 'journal', 'clients.answers'));
    const context = {
      http: this.#http,
      note: this.#note,
      calm: () => this.#calm,
      jobs: () => [...this.#open].flatMap(([id, { isExternal }]) => (isExternal ? [id] : [])),
    };
    for (let i = 1; i <= settings.programs; i++) {
      void new ExternalProgram(`program-${i}`, new Random(settings.seed, `program-${i}`), context).run(
        this.#finished.signal,
      );
    }
  }

  /** Starts what else uses the service. */
  async startCompanions(): Promise<void> {
    const { seed, folder } = this.#settings;
    this.#companions = await Companions.start({
      seed,
      folder,
      http: this.#http,
      ledger: this.#ledger,
      bases: this.#cluster.httpProxies.map(({ port }) => `http://127.0.0.1:${port}`),
      note: this.#note,
      jobs: () => [...this.#open.keys()],
      signal: this.#finished.signal,
    });
  }

  /** Applies faults until the goals are reached. */
  async applyFaults(): Promise<void> {
    const { seed, mix, faultEveryMs, longestMs } = this.#settings;
    const random = new Random(seed, 'faults');
    const undone = new Set<Promise<unknown>>();
    const end = performance.now() + longestMs;
    // Both run until the last fault is undone. An error in one of them stops the run.
    const background = Promise.all([this.#keepPosting(), this.#watch()]);
    // Faults start when every process has started.
    while (!this.#cluster.processes.every(({ ready }) => ready)) await Promise.race([delay(100), background]);
    this.#settings.say('every process has started');
    while (!(await this.#isReached()) && performance.now() < end) {
      const name = random.weighted(mix as Record<FaultName, number>);
      const fault = applyFault(name, { cluster: this.#cluster, random }).then((done) => {
        if (done) this.#done[name] = (this.#done[name] ?? 0) + 1;
        if (done && name === 'kill') this.#killed += 1;
        undone.delete(fault);
      });
      undone.add(fault);
      await Promise.race([delay(faultEveryMs * random.between(0.2, 1.8)), background]);
      // On a slow machine, processes need time to do more than start.
      while (!this.#cluster.hasIdleProcessInEachRole && performance.now() < end) await delay(50);
    }
    this.#calm = true;
    await Promise.all(undone);
    await this.#cluster.undoFaults();
    this.#settings.say('no more faults; every job must finish now');
    // A request that is never answered must not keep the run from its checks.
    const late = new AbortController();
    await Promise.race([background, delay(this.#settings.calmMs, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
  }

  /** Waits until every job has finished and was notified, at most `calmMs`. */
  async waitForJobs(): Promise<void> {
    const end = performance.now() + this.#settings.calmMs;
    while (performance.now() < end) {
      await this.#readProgress();
      const isQuiet = !this.#open.size && !this.#acting.size;
      if (isQuiet && (await this.#companions!.hasReceivedAll())) return;
      await delay(500);
    }
  }

  /** Returns how many messages are left in the trainers' queue. It must be empty soon after the last job finished. */
  async countQueuedMessages(): Promise<number> {
    const { server } = this.#cluster.store;
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
    this.#finished.abort();
    this.#companions?.close();
    this.#closed ??= this.#cluster.close().then((took) => {
      this.#notes.end();
      return took;
    });
    return this.#closed;
  }

  getCounts() {
    const { store, controlGroups } = this.#cluster;
    const outOfMemory = controlGroups.reduce((sum, controlGroup) => sum + controlGroup.countKills(), 0);
    return {
      settled: this.#settled,
      jobs: this.#jobs,
      done: this.#done,
      killed: this.#killed,
      restarted: this.#restarted,
      redisKilled: store.kills,
      torn: store.torn,
      diskExits: store.diskExits,
      outOfMemory,
    };
  }

  readonly #note = (answer: Omit<Answer, 'at'>): void =>
    void this.#notes.write(`${JSON.stringify({ at: Date.now(), ...answer })}\n`);

  async #isReached(): Promise<boolean> {
    const { trials, processKills, redisKills, isReached, folder } = this.#settings;
    const isDone = this.#settled >= trials && this.#killed >= processKills && this.#cluster.store.kills >= redisKills;
    if (!isDone || !isReached) return isDone;
    return isReached({ folder, ledger: this.#ledger, diskExits: this.#cluster.store.diskExits, done: this.#done });
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
      const planned = planJob(random, seed, index, this.#companions!.webhookUrl);
      const deps = {
        http: this.#http,
        ledger: this.#ledger,
        random: new Random(seed, `client-${index}`),
        note: this.#note,
      };
      const id = await postJob(deps, planned);
      if (!id) return;
      this.#companions!.awaitNotification(id);
      const known = { isExternal: planned.spec.objective.kind === 'external', settled: 0, acting: true };
      this.#open.set(id, known);
      const acting = performPlannedAction(deps, id, planned, this.#finished.signal).finally(() => {
        known.acting = false;
        this.#acting.delete(acting);
      });
      this.#acting.add(acting);
    }
  }

  async #watch(): Promise<void> {
    for (let second = 0; !this.#calm; second++) {
      await delay(1_000);
      this.#restarted += this.#cluster.restartExited();
      await this.#readProgress();
      if (second % 10 === 9) this.#settings.say(this.#describeProgress());
    }
  }

  #describeProgress(): string {
    const { trials, processKills, redisKills } = this.#settings;
    const redis = `${this.#cluster.store.kills}/${redisKills}`;
    const killed = `${this.#killed}/${processKills} processes and ${redis} Redis killed`;
    return `${this.#settled}/${trials} trials settled, ${killed}, ${this.#jobs} jobs, ${this.#open.size} open`;
  }

  /** Counts settled trials and removes finished jobs from the open ones. */
  async #readProgress(): Promise<void> {
    for (const [id, known] of this.#open) {
      try {
        const found = await this.#ledger.findJob(id);
        const settled = found ? countSettled(found.job.counts) : known.settled;
        this.#settled += settled - known.settled;
        known.settled = settled;
        // The client's action can reopen a finished job.
        if (known.acting || (found && isActive(found.job.state))) continue;
        this.#open.delete(id);
        if (found && !this.#calm) this.#copyFinished(id, known.isExternal);
      } catch (error) {
        if (!(error instanceof LedgerUnavailable)) throw error;
        return;
      }
    }
  }

  /** Copies the job while faults go on. A clone is a job as any other. */
  #copyFinished(id: string, isExternal: boolean): void {
    const copying = this.#companions!.copyFinished(id).then((clone) => {
      if (clone) {
        this.#open.set(clone, { isExternal, settled: 0, acting: false });
        this.#companions!.awaitNotification(clone);
      }
      this.#acting.delete(copying);
    });
    this.#acting.add(copying);
  }
}

function countSettled(counts: Readonly<Record<string, number>>): number {
  return Object.entries(counts).reduce(
    (sum, [state, count]) =>
      sum + (isSettled(state as Parameters<typeof isSettled>[0]) && state !== 'cancelled' ? count : 0),
    0,
  );
}
