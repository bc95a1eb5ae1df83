/** Quick calls wait only for quick calls, slow ones only for slow ones. */
export type Lane = 'quick' | 'slow';

export interface LaneSettings {
  /** Quick calls computed at the same time. */
  threads: number;
  /** Slow calls computed at the same time, in addition to the quick ones. */
  maxSlow: number;
  /** A call that takes longer is slow, ms. */
  slowMs: number;
  /** Time limit of a call, ms. */
  limitMs: number;
}

interface RunningCall {
  key: string;
  lane: Lane;
  startedAt: number;
  timers: NodeJS.Timeout[];
}

/** Limit of remembered keys whose last call was slow. */
const MAX_SLOW_KEYS = 1_000;

/** Decides which calls of a thread pool may run now, and measures how long they take. */
export class CallLanes {
  readonly #settings: LaneSettings;
  readonly #running = new Map<number, RunningCall>();
  /** Keys whose last call was slow, oldest first. */
  readonly #slowKeys = new Set<string>();

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

  /** Records the start of a call. `onSlow` is called when it becomes slow, `onLimit` at the time limit. */
  start(
    { id, key, lane }: { id: number; key: string; lane: Lane },
    { onSlow, onLimit }: { onSlow(): void; onLimit(): void },
  ): void {
    const call: RunningCall = { key, lane, startedAt: performance.now(), timers: [] };
    const { slowMs, limitMs } = this.#settings;
    const becomeSlow = (): void => {
      call.lane = 'slow';
      onSlow();
    };
    call.timers = [setTimeout(becomeSlow, slowMs).unref(), setTimeout(onLimit, limitMs).unref()];
    this.#running.set(id, call);
  }

  finish(id: number): void {
    const call = this.#running.get(id);
    if (!call) return;
    this.#running.delete(id);
    for (const timer of call.timers) clearTimeout(timer);
    this.#slowKeys.delete(call.key);
    if (performance.now() - call.startedAt < this.#settings.slowMs) return;
    this.#slowKeys.add(call.key);
    if (this.#slowKeys.size > MAX_SLOW_KEYS) this.#slowKeys.delete(this.#slowKeys.values().next().value!);
  }
}
