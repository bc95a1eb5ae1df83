export interface Polling {
  /** Runs now instead of waiting for the next turn. */
  now(): void;
}

interface PollOptions {
  readonly everyMs: number;
  /** Stops the polling when aborted. */
  readonly signal: AbortSignal;
  /** Called after each failure, with the pause before the next try, and with null after a success. */
  readonly onOutcome: (failure: { error: unknown; retryMs: number } | null) => void;
}

const LONGEST_PAUSE_MS = 30_000;

/**
 * Calls `run` again `everyMs` after it has finished, while the page is visible. Failures double the pause, up to half a
 * minute. When the page becomes visible, it runs at once.
 */
export function poll(
  run: (signal: AbortSignal) => Promise<void>,
  { everyMs, signal, onOutcome }: PollOptions,
): Polling {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let again = false;
  let pause = everyMs;

  const turn = async (): Promise<void> => {
    if (signal.aborted) return;
    if (running) {
      again = true;
      return;
    }
    clearTimeout(timer);
    running = true;
    again = false;
    try {
      await run(signal);
      pause = everyMs;
      if (!signal.aborted) onOutcome(null);
    } catch (error) {
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
      if (!signal.aborted) onOutcome({ error, retryMs: pause });
    }
    running = false;
    if (signal.aborted) return;
    if (again) void turn();
    else if (!document.hidden) timer = setTimeout(() => void turn(), pause);
  };

  document.addEventListener(
    'visibilitychange',
    () => {
      if (!document.hidden) void turn();
    },
    { signal },
  );
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  void turn();
  return { now: () => void turn() };
}
