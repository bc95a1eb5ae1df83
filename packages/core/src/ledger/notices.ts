import type { HookRecord, NoticesRecord } from '../job/notices.ts';
import type { JobRecord } from '../job/record.ts';
import type { JobSpec } from '../job/spec.ts';
import { isActive } from '../job/states.ts';
import { decodeRecord, encodeRecord, fields } from './fields.ts';
import type { Ledger } from './ledger.ts';

/** One thing to tell one webhook. The same `id` again is the same notice: receivers can tell a repetition. */
export interface Notice {
  id: string;
  kind: 'best' | 'ended';
  hook: number;
  url: string;
  job: JobRecord;
  spec: JobSpec;
  /** 1 for the first. */
  tries: number;
}

export type NoticeOutcome = 'told' | 'again' | 'given-up';

/** A notice is tried so often, with pauses that double from the first to the longest: over about a day in all. */
const MAX_TRIES = 30;
const FIRST_PAUSE_MS = 5_000;
const LAST_PAUSE_MS = 3_600_000;
/** How often an active job is worth a look, ms. */
const LOOK_MS = 2_000;

/**
 * The next notice that is due, taken for `holdMs`: until then nobody else gets it. Taken again afterwards unless it was
 * settled, so a notice may be told twice but is never lost. `next`: when to look again, ms from now; null where nothing
 * waits. A best that is beaten before it was told is skipped.
 */
export async function takeNotice(
  ledger: Ledger,
  jobId: string,
  holdMs: number,
): Promise<{ notice: Notice | null; next: number | null }> {
  const { now, job, spec, record, expected } = await load(ledger, jobId);
  if (!job || !spec?.webhooks?.length) return { notice: null, next: null };
  // The end of a job comes without a signal.
  let next = isActive(job.state) ? LOOK_MS : null;
  for (const [hook, { url, on }] of spec.webhooks.entries()) {
    const told = record.hooks[hook]!;
    const kind =
      on.includes('best') && job.best && job.best.number !== told.best
        ? 'best'
        : on.includes('ended') && !isActive(job.state) && job.endedAt !== told.ended
          ? 'ended'
          : null;
    if (kind === null) continue;
    if (told.notBefore > now) {
      next = Math.min(next ?? Infinity, told.notBefore - now);
      continue;
    }
    told.tries += 1;
    told.notBefore = now + holdMs;
    const id = kind === 'best' ? `${jobId}-${hook}-best-${job.best!.number}` : `${jobId}-${hook}-ended-${job.endedAt}`;
    if (await ledger.store.commit(jobId, { expected, writes: [[fields.notices, encodeRecord(record)]] }))
      return { notice: { id, kind, hook, url, job, spec, tries: told.tries }, next: 0 };
    // Somebody else took one at this moment.
    return { notice: null, next: 1_000 };
  }
  return { notice: null, next };
}

/** Records how a taken notice went: told, or tried again after a pause that grows, or given up after the last try. */
export async function settleNotice(ledger: Ledger, notice: Notice, delivered: boolean): Promise<NoticeOutcome> {
  const outcome = delivered ? 'told' : notice.tries >= MAX_TRIES ? 'given-up' : 'again';
  for (;;) {
    const { now, job, spec, record, expected } = await load(ledger, notice.job.id);
    const hook = record.hooks[notice.hook];
    if (!job || !spec || !hook) return outcome;
    if (outcome === 'again') hook.notBefore = now + Math.min(FIRST_PAUSE_MS * 2 ** (notice.tries - 1), LAST_PAUSE_MS);
    else
      Object.assign(
        hook,
        { tries: 0, notBefore: 0 },
        notice.kind === 'best' ? { best: notice.job.best!.number } : { ended: notice.job.endedAt },
      );
    if (await ledger.store.commit(notice.job.id, { expected, writes: [[fields.notices, encodeRecord(record)]] }))
      return outcome;
  }
}

async function load(ledger: Ledger, jobId: string) {
  const {
    now,
    values: [jobText, specText, noticesText],
  } = await ledger.store.read(jobId, [fields.job, fields.spec, fields.notices]);
  const spec = specText ? (JSON.parse(specText) as JobSpec) : null;
  const fresh: HookRecord = { best: null, ended: null, tries: 0, notBefore: 0 };
  const record: NoticesRecord = noticesText
    ? decodeRecord('notices', noticesText)
    : { schema: 1, hooks: (spec?.webhooks ?? []).map(() => ({ ...fresh })) };
  // The specification never changes; expecting it keeps a deleted job deleted.
  const expected = [
    [fields.spec, specText ?? null],
    [fields.notices, noticesText ?? null],
  ] as const;
  return { now, job: jobText ? decodeRecord('job', jobText) : null, spec, record, expected };
}
