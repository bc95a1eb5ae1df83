import type { Knowledge } from './deps.ts';

/**
 * Forgets everything that rests on what was read of a job: it has finished, cannot be advanced, or has lost changes.
 * `seen` is kept, because it detects lost changes.
 */
export function forgetJob(known: Knowledge, jobId: string): void {
  const { usage, cache, designs, ahead, sent, openReads } = known;
  for (const knowledge of [usage, cache, designs, ahead, sent, openReads]) knowledge.delete(jobId);
}
