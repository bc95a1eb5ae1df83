import type { LedgerStore } from '@gradsmith/core/ledger';

/** Lists the ids of all jobs of a store, or of the active ones, newest first. */
export async function listIds(store: LedgerStore, { active }: { active?: boolean } = {}): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of store.list({ pageSize: 100, active })) ids.push(...page);
  return ids;
}
