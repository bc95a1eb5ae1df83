import { createJobId, deriveEarlierJobId, deriveJobId } from '../domain/job-id.ts';
import type { ScopedKey } from '../domain/scoped-key.ts';
import type { Ledger } from '../ledger/ledger.ts';

/**
 * Returns the id of a job to create. A caller that repeats its idempotency key gets the same id, so that `createJob`
 * finds the first job, also after a crash of any process. Without a key, the id is new.
 */
export async function chooseJobId(ledger: Ledger, key: string | null, caller: string | null): Promise<string> {
  if (key === null) return createJobId();
  const scoped: ScopedKey = { key, caller };
  const earlier = deriveEarlierJobId(scoped);
  // An imported job has the id that its document says, so it may not stand for another caller's key.
  if (await ledger.isCreatedHere(earlier)) return earlier;
  return deriveJobId(await ledger.readSecret(), scoped);
}
