import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when `condition` returns a truthy value. Throws with the last answer after `ms`. */
export async function waitUntil<T>(condition: () => T | Promise<T>, ms = 10_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + ms;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (performance.now() > deadline)
      throw new Error(`still ${JSON.stringify(answer)} after ${ms} ms: ${condition.toString()}`);
    await sleep(10);
  }
}
