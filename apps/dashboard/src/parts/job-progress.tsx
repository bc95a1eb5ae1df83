import type { JobSummary } from '@gradsmith/contract';
import { formatCount } from './format.ts';

const parts = ['complete', 'pruned', 'diverged', 'failed', 'running'] as const;

/** Shows how much of the budget is settled, by state. */
export function JobProgress({
  counts,
  settled,
  budget,
  phase,
}: Pick<JobSummary, 'counts' | 'settled' | 'budget' | 'phase'>): React.JSX.Element {
  const present = parts.filter((state) => counts[state] > 0);
  const label = [`${formatCount(settled)} of ${formatCount(budget)}`];
  for (const state of ['running', 'failed'] as const)
    if (counts[state]) label.push(`${formatCount(counts[state])} ${state}`);
  // Its trials are settled, and it still runs.
  if (phase === 'confirming') label.push(phase);
  return (
    <div
      className="progress"
      title={present.map((state) => `${formatCount(counts[state])} ${state}`).join(', ') || 'no trial yet'}
    >
      <div className="track">
        {present.map((state) => (
          <i key={state} className={state} style={{ width: `${(100 * counts[state]) / Math.max(1, budget)}%` }} />
        ))}
      </div>
      <span className="soft">{label.join(', ')}</span>
    </div>
  );
}
