import type { CommitCounts } from '@gradsmith/core/ledger';
import { Counter, type Registry } from 'prom-client';

/** Registers the number of commits of this process, and of those that were refused. */
export function registerCommitCounters(registry: Registry, counts: CommitCounts): void {
  registerCounter(registry, () => counts.committed, {
    name: 'gradsmith_ledger_commits_total',
    help: 'Commits to the ledger',
  });
  registerCounter(registry, () => counts.refused, {
    name: 'gradsmith_ledger_conflicts_total',
    help: 'Commits that were refused, and decided again, because another process had changed the job',
  });
}

function registerCounter(registry: Registry, read: () => number, texts: { name: string; help: string }): void {
  const counter: Counter = new Counter({
    ...texts,
    registers: [registry],
    collect() {
      counter.reset();
      counter.inc(read());
    },
  });
}
