// Runs in a process of a chaos run and records which changes the ledger acknowledged, and which got no reply.
import { openSync, writeSync } from 'node:fs';
import { getCurrentAttempt, type LeaseRecord, type TrialRecord } from '@gradsmith/core/domain';
import { decodeRecord, fields, type LedgerStore, type StoreChange, type StoreRead } from '@gradsmith/core/ledger';
import type { JournalEntry, JournalledTrial } from '../journal.ts';

let file: number | null = null;

/** Makes the store record every change that was acknowledged, or whose acknowledgement was lost. */
export function keepJournal({ prototype }: { prototype: LedgerStore }): void {
  const { CHAOS_JOURNAL: path, CHAOS_NAME: name } = process.env;
  if (!path || !name) throw new Error('a process of a chaos run has no CHAOS_JOURNAL or no CHAOS_NAME');
  const { commitOrRead } = prototype;
  // `commit` calls it, too.
  prototype.commitOrRead = async function (
    this: LedgerStore,
    jobId: string,
    change: StoreChange,
    names: readonly string[],
  ): Promise<StoreRead | null> {
    let outcome: JournalEntry['outcome'] | 'refused' = 'lost';
    try {
      const current = await commitOrRead.call(this, jobId, change, names);
      outcome = current === null ? 'acknowledged' : 'refused';
      return current;
    } finally {
      if (outcome !== 'refused') {
        file ??= openSync(path, 'a');
        writeSync(file, `${JSON.stringify(createEntry(name, jobId, change, outcome))}\n`);
      }
    }
  };
}

function createEntry(
  by: string,
  job: string,
  { expected, writes }: StoreChange,
  outcome: JournalEntry['outcome'],
): JournalEntry {
  const before = new Map(expected);
  const after = new Map(writes);
  const [jobBefore, jobAfter] = [before, after].map((texts) => decodeIfPresent('job', texts.get(fields.job)));
  const from = jobBefore?.seq ?? null;
  return {
    at: Date.now(),
    monotonic: Number(process.hrtime.bigint()) / 1e6,
    by,
    pid: process.pid,
    job,
    outcome,
    seq: jobAfter ? [from, jobAfter.seq] : null,
    state: jobAfter?.state ?? null,
    under: toJournalledLease(decodeIfPresent('lease', before.get(fields.lease))),
    lease: toJournalledLease(decodeIfPresent('lease', after.get(fields.lease))),
    trials: writes.flatMap(([name, text]) =>
      name.startsWith(fields.trial(''))
        ? [toJournalledTrial(decodeRecord('trial', text), jobAfter ? (from ?? -1) : Infinity)]
        : [],
    ),
  };
}

function decodeIfPresent<K extends 'job' | 'lease'>(kind: K, text: string | null | undefined) {
  return text ? decodeRecord(kind, text) : null;
}

function toJournalledLease(lease: LeaseRecord | null): JournalEntry['lease'] {
  return lease && { owner: lease.owner, fence: lease.fence };
}

function toJournalledTrial(trial: TrialRecord, from: number): JournalledTrial {
  const attempt = getCurrentAttempt(trial);
  return {
    id: trial.id,
    moves: trial.history.filter(([seq]) => seq > from),
    attempt: attempt ? { id: attempt.id, worker: attempt.worker } : null,
    digest: trial.digest,
  };
}
