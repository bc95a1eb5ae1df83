/** Time after which a user reads what the command waits for, ms. */
const PATIENCE_MS = 2_000;

/** Shows what is being waited for; null when it is over. */
export type ShowActivity = (text: string | null) => void;

/** Waits for the work. If it takes longer than a moment, shows `describe()` then, and nothing more at the end. */
export async function announceWait<T>(
  describe: () => string,
  work: Promise<T>,
  show: ShowActivity,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  let shown = false;
  const timer = setTimeout(() => {
    shown = true;
    show(describe());
  }, patienceMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    if (shown) show(null);
  }
}
