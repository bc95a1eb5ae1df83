import type { RunCoordinatorDeps } from './deps.ts';

/** Lists the active jobs that the coordinator leads, oldest first, so that a new job does not starve older ones. */
export async function listActiveJobs({ ledger, only }: RunCoordinatorDeps): Promise<string[]> {
  if (only !== undefined) return [only];
  const ids: string[] = [];
  for await (const id of ledger.listJobs({ active: true })) ids.push(id);
  return ids.reverse();
}
