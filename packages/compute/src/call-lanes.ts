/** Quick calls wait only for quick calls, slow ones only for slow ones. */
export type Lane = 'quick' | 'slow';

export interface LaneSettings {
  /** Quick calls computed at the same time. */
  threads: number;
  /** Slow calls computed at the same time, in addition to the quick ones. */
  maxSlow: number;
  /** A call that computes longer is slow, ms. */
  slowMs: number;
  /** Time limit of a call, with the start of its thread, ms. */
  limitMs: number;
}

interface RunningCall {
  key: string;
  lane: Lane;
  startedAt: number;
  /** Whether it has taken longer than a quick call may. */
  wasSlow: boolean;
  timers: NodeJS.Timeout[];
}

/** Limit of remembered keys. */
const MAX_KEYS = 1_000;
/** The computing time of a key counts half after this time, ms. */
const HALF_LIFE_MS = 10_000;

/**
 * The time limit is counted in this many parts. A process that was stopped, as when its machine is paused, does not
 * catch up on parts, so the time counts as one of them and not as that of a call that takes too long.
 */
const LIMIT_TICKS = 20;

/** Computing time of a key until `at`, ms; both are times of `performance.now()`. */
interface Usage {
  ms: number;
  at: number;
}

/** Decides which calls of a thread pool may run now, and measures how long they and their keys take. */
export class CallLanes {
  readonly #settings: LaneSettings;
  readonly #running = new Map<number, RunningCall>();
  /** Keys whose last call was slow, oldest first. */
  readonly #slowKeys = new Set<string>();
  /** Computing time of keys, the one that was used longest ago first. */
  readonly #usage = new Map<string, Usage>();

  constructor(settings: LaneSettings) {
    this.#settings = settings;
  }

  get running(): number {
    return this.#running.size;
  }

  chooseLane(key: string): Lane {
    return this.#slowKeys.has(key) ? 'slow' : 'quick';
  }

  /** Number of slow calls beyond `maxSlow`. They started as quick ones and reduce the limit of quick calls. */
  hasRoom(lane: Lane): boolean {
    const { threads, maxSlow } = this.#settings;
    const calls = [...this.#running.values()];
    const slow = calls.filter((call) => call.lane === 'slow').length;
    if (lane === 'slow') return slow < maxSlow;
    return calls.length - slow + Math.max(0, slow - maxSlow) < threads;
  }

  /** Returns the recent computing time of a key, ms. Who has used little comes first. */
  readUsage(key: string): number {
    const usage = this.#usage.get(key);
    return usage ? usage.ms * 0.5 ** ((performance.now() - usage.at) / HALF_LIFE_MS) : 0;
  }

  /** Records that a call was given to a thread, which may still be starting. `onLimit` is called at the time limit. */
  start({ id, key, lane }: { id: number; key: string; lane: Lane }, onLimit: () => void): void {
    let ticks = 0;
    const tick = (): void => {
      if (++ticks === LIMIT_TICKS) onLimit();
    };
    const timers = [setInterval(tick, this.#settings.limitMs / LIMIT_TICKS).unref()];
    this.#running.set(id, { key, lane, startedAt: performance.now(), wasSlow: false, timers });
  }

  /** Records that the thread computes the call from now on. `onSlow` is called when the call becomes slow. */
  startComputing(id: number, onSlow: () => void): void {
    const call = this.#running.get(id);
    if (!call) return;
    call.startedAt = performance.now();
    const becomeSlow = (): void => {
      call.lane = 'slow';
      call.wasSlow = true;
      onSlow();
    };
    call.timers.push(setTimeout(becomeSlow, this.#settings.slowMs).unref());
  }

  finish(id: number): void {
    const call = this.#running.get(id);
    if (!call) return;
    this.#running.delete(id);
    for (const timer of call.timers) clearTimeout(timer);
    this.#noteUsage(call.key, performance.now() - call.startedAt);
    this.#slowKeys.delete(call.key);
    if (!call.wasSlow) return;
    this.#slowKeys.add(call.key);
    if (this.#slowKeys.size > MAX_KEYS) this.#slowKeys.delete(this.#slowKeys.values().next().value!);
  }

  #noteUsage(key: string, ms: number): void {
    const usage = { ms: this.readUsage(key) + ms, at: performance.now() };
    this.#usage.delete(key);
    this.#usage.set(key, usage);
    if (this.#usage.size > MAX_KEYS) this.#usage.delete(this.#usage.keys().next().value!);
  }
}
