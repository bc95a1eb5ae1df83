import { setTimeout as delay } from 'node:timers/promises';
import { exitCodes } from '../exit-codes.ts';
import { describeError } from '../failure.ts';
import type { Host } from '../hosts/host.ts';
import { Follower } from './follower.ts';
import type { Snapshot } from './snapshot.ts';
import type { View } from './view.ts';

const finishedStates = new Set(['completed', 'exhausted', 'failed', 'cancelled']);
/** Pause after the host was not reached, ms. */
const TROUBLE_MS = 2_000;

interface FollowOptions {
  signal: AbortSignal;
  everyMs: number;
  /** Called with each snapshot after it is shown. */
  onLook?: (snapshot: Snapshot) => void;
}

/**
 * Shows the job until it has finished or the signal aborts. Returns the last snapshot. A host that is away is asked
 * again until it is back; a job that is not there, or was deleted in the meantime, is an error.
 */
export async function followJob(
  host: Host,
  id: string,
  view: View,
  { signal, everyMs, onLook }: FollowOptions,
): Promise<Snapshot | undefined> {
  const follower = new Follower(host, id, view.withProgress);
  let last: Snapshot | undefined;
  let troubled = false;
  while (!signal.aborted) {
    try {
      last = await follower.look();
      if (troubled) view.trouble(null);
      troubled = false;
      view.update(last);
      onLook?.(last);
      if (finishedStates.has(last.status.state)) return last;
    } catch (error) {
      const { exitCode, message } = describeError(error);
      // Before the first answer, the address may be wrong, and waiting would hide that.
      if (exitCode !== exitCodes.unavailable || !last) throw error;
      if (!troubled) view.trouble(message);
      troubled = true;
    }
    await waitFor(troubled ? TROUBLE_MS : everyMs, signal);
  }
  return last;
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    // Aborted: the loop ends.
  }
}
