import { randomBytes, randomUUID } from 'node:crypto';
import { LedgerUnavailable, NotFound } from '@gradsmith/core/domain';
import {
  type FindQuery,
  type FoundJobs,
  type IndexChange,
  type LedgerStore,
  type StoreChange,
  type StoreRead,
} from '@gradsmith/core/ledger';
import {
  listStageParts,
  needsStage,
  runCommit,
  runRemove,
  runStage,
  runUnlist,
  type CommitOptions,
  unlisted,
} from './commit.ts';
import { JobFinder } from './find-jobs.ts';
import {
  dropEntry,
  hasEntry,
  listEntries,
  listLeftEntries,
  parseIndexedJob,
  readIndexTexts,
  type IndexEntry,
} from './index-entries.ts';
import { createdAtIn, INDEX_FIELD, indexMember, jobIdIn, type Keys } from './keys.ts';
import type { Link } from './link.ts';
import { runRead, type FieldsRead } from './read.ts';

/** Jobs that are looked at for their names in one step. */
const UNNAMED_AT_ONCE = 500;
/** How often a commit that finds an incomplete index lists the job and retries before it fails. */
const MAX_LISTINGS = 20;

/**
 * Stores the ledger in Redis: one hash per job, and indexes that may list too many jobs but never too few.
 *
 * **Lost replies.** If the reply to a commit is lost, the caller gets LedgerUnavailable and cannot know whether the
 * commit was applied. No layer repeats a commit. That would not help: if it was applied, its expectations no longer
 * hold, and it would answer false. Instead, the ledger reads and decides again, and every verb recognizes its own
 * earlier work (`already`, the same attempt id, the same digest). If a commit reaches Redis late, after its caller gave
 * up and continued, its expectations fail and it does nothing.
 */
export class RedisStore implements LedgerStore {
  readonly #link: Link;
  readonly #keys: Keys;
  /** Jobs without names, and the sizes of the indexes when they were found. */
  #unnamed = { sizes: '', ids: [] as string[] };

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  async read(jobId: string, fields: readonly string[]): Promise<StoreRead> {
    return toStoreRead(await this.#link.run((client) => runRead(client, this.#keys, jobId, fields)));
  }

  async commit(jobId: string, change: StoreChange): Promise<boolean> {
    return (await this.commitOrRead(jobId, change, [])) === null;
  }

  async commitOrRead(jobId: string, change: StoreChange, fields: readonly string[]): Promise<StoreRead | null> {
    if (!needsStage(change)) return this.#write(jobId, change, { staged: null, fields });
    const staged = this.#keys.staged(jobId, randomUUID());
    try {
      for (const part of listStageParts(change)) await this.#link.run((client) => runStage(client, staged, part));
      return await this.#write(jobId, change, { staged, fields });
    } finally {
      // Removes the staged hash if it did not become the job. A failure here does not change the answer.
      await this.#link.run((client) => client.del(staged)).catch(() => {});
    }
  }

  async #write(jobId: string, change: StoreChange, options: CommitOptions): Promise<StoreRead | null> {
    const { index } = change;
    const isNew = index !== undefined && change.expected.every(([, text]) => text === null);
    if (isNew) await this.#list(listEntries(this.#keys, jobId, index));
    for (let tried = 0; tried < MAX_LISTINGS; tried++) {
      const answer = await this.#link.run((client) => runCommit(client, this.#keys, { jobId, change, ...options }));
      if (answer === unlisted) {
        await this.#list(await this.#findUnlisted(listEntries(this.#keys, jobId, index!)));
        continue;
      }
      const isCommitted = !Array.isArray(answer);
      // A refused creation removes its own entries. Entries that the existing job needs stay.
      const isRefused = isNew && !isCommitted;
      if (index && (isRefused || (isCommitted && !index.active))) await this.#unlist(jobId, index.createdAt, 'active');
      if (index && isRefused) await this.#unlist(jobId, index.createdAt, 'jobs');
      if (index) await this.#dropLeftEntries(jobId, index, isCommitted);
      return isCommitted ? null : toStoreRead(answer);
    }
    throw new LedgerUnavailable(
      `job ${jobId} was taken from the index ${MAX_LISTINGS} times while it was written; try again`,
    );
  }

  async remove(jobId: string, expected?: readonly [field: string, text: string]): Promise<boolean> {
    const [texts] = await this.#link.run((client) => readIndexTexts(client, this.#keys, [jobId]));
    if (!(await this.#link.run((client) => runRemove(client, this.#keys, jobId, expected)))) return false;
    const { marker } = texts!;
    if (marker === null) return true;
    for (const index of ['active', 'jobs'] as const) await this.#unlist(jobId, createdAtIn(marker), index);
    const job = parseIndexedJob(jobId, texts!);
    if (job)
      await this.#dropEntries(
        jobId,
        listEntries(this.#keys, jobId, { ...job, active: false, progress: job, names: job }),
      );
    return true;
  }

  async list({ after, limit, active = false }: { after?: string; limit: number; active?: boolean }): Promise<string[]> {
    const ids: string[] = [];
    let below = after === undefined ? '+' : `(${await this.#memberOf(after)}`;
    while (ids.length < limit) {
      const wanted = limit - ids.length;
      const index = active ? 'active' : 'jobs';
      const members = await this.#link.run((client) =>
        client.zrange(this.#keys[index], below, '-', 'BYLEX', 'REV', 'LIMIT', 0, wanted),
      );
      ids.push(...(await this.#belonging(members, index)));
      if (members.length < wanted) break;
      below = `(${members.at(-1)}`;
    }
    return ids;
  }

  async find(query: FindQuery): Promise<FoundJobs> {
    return new JobFinder((step) => this.#link.run(step), this.#keys).find(query);
  }

  async listUnnamed(): Promise<string[]> {
    const [jobs, names] = await this.#link.run((client) =>
      Promise.all([client.zcard(this.#keys.jobs), client.zcard(this.#keys.names)]),
    );
    // Entries that are left over make a difference, too; the jobs are looked at once for each.
    const sizes = `${jobs} ${names}`;
    if (jobs === names) return [];
    if (sizes !== this.#unnamed.sizes) this.#unnamed = { sizes, ids: await this.#findUnnamed() };
    return this.#unnamed.ids;
  }

  async #findUnnamed(): Promise<string[]> {
    const unnamed: string[] = [];
    for (let after: string | undefined; ;) {
      const ids = await this.list({ limit: UNNAMED_AT_ONCE, after });
      if (!ids.length) return unnamed;
      const texts = await this.#link.run((client) => readIndexTexts(client, this.#keys, ids));
      unnamed.push(...ids.filter((_, i) => texts[i]!.names === null));
      after = ids.at(-1);
    }
  }

  async readSecret(): Promise<string> {
    const { secret } = this.#keys;
    return this.#link.run(async (client) => {
      const present = await client.get(secret);
      if (present !== null) return present;
      await client.set(secret, randomBytes(32).toString('hex'), 'NX');
      // Another process may have been first.
      return (await client.get(secret))!;
    });
  }

  async check(): Promise<void> {
    // A write, because a Redis out of memory or without a disk still answers reads.
    await this.#link.run((client) => client.set(this.#keys.seals[0], '1'));
  }

  async close(): Promise<void> {
    this.#link.close();
  }

  /** Adds entries to the indexes. A pipeline instead of a transaction: see the commit script. */
  async #list(entries: readonly IndexEntry[]): Promise<void> {
    await this.#link.run(async (client) => {
      const pipeline = client.pipeline();
      for (const { key, member } of entries) pipeline.zadd(key, 0, member);
      return executeBatch(pipeline);
    });
  }

  /** Returns the entries that are missing. A worker may not add any other: it may not list jobs. */
  async #findUnlisted(entries: readonly IndexEntry[]): Promise<IndexEntry[]> {
    const scores = await this.#link.run(async (client) => {
      const pipeline = client.pipeline();
      for (const { key, member } of entries) pipeline.zscore(key, member);
      return executeBatch(pipeline);
    });
    return entries.filter((_, i) => scores[i] === null);
  }

  /** Removes the entries that the job no longer has, or does not get because the change was refused. */
  async #dropLeftEntries(jobId: string, index: IndexChange, isCommitted: boolean): Promise<void> {
    const hasMoved = index.before && index.before.state !== index.progress?.state;
    if (isCommitted) return this.#dropEntries(jobId, listLeftEntries(this.#keys, jobId, index));
    if (index.names || hasMoved) await this.#dropEntries(jobId, listEntries(this.#keys, jobId, index));
  }

  /** Removes those of the entries that the job does not have. It may fail, as `#unlist`. */
  async #dropEntries(jobId: string, entries: readonly IndexEntry[]): Promise<void> {
    if (!entries.length) return;
    try {
      await this.#link.run(async (client) => {
        const [texts] = await readIndexTexts(client, this.#keys, [jobId]);
        for (const entry of entries) {
          if (!hasEntry(this.#keys, entry, texts!)) await dropEntry(client, this.#keys, entry, texts!);
        }
      });
    } catch (error) {
      if (!isHarmless(error)) throw error;
    }
  }

  /** Removes index entries. It may fail: `list` skips a job that stays listed, and retries the removal. */
  async #unlist(jobId: string, createdAt: number, index: 'active' | 'jobs'): Promise<void> {
    try {
      await this.#link.run((client) => runUnlist(client, this.#keys, jobId, indexMember(createdAt, jobId), index));
    } catch (error) {
      if (!isHarmless(error)) throw error;
    }
  }

  /** Returns the ids of correct members of an index, and removes the others. */
  async #belonging(members: readonly string[], index: 'active' | 'jobs'): Promise<string[]> {
    if (!members.length) return [];
    const markers = await this.#link.run(async (client) => {
      const pipeline = client.pipeline();
      for (const member of members) pipeline.hget(this.#keys.job(jobIdIn(member)), INDEX_FIELD);
      return executeBatch(pipeline);
    });
    const ids: string[] = [];
    for (const [i, member] of members.entries()) {
      const marker = markers[i] as string | null;
      const id = jobIdIn(member);
      // A job that is created twice, the first time with a lost reply, has two members with different times.
      const stands = marker !== null && createdAtIn(marker) === createdAtIn(member);
      if (stands && (index === 'jobs' || marker.endsWith(':1'))) ids.push(id);
      else await this.#unlist(id, createdAtIn(member), index);
    }
    return ids;
  }

  async #memberOf(jobId: string): Promise<string> {
    const marker = await this.#link.run((client) => client.hget(this.#keys.job(jobId), INDEX_FIELD));
    if (marker === null) throw new NotFound(`job ${jobId}, after which to list,`);
    return indexMember(createdAtIn(marker), jobId);
  }
}

/** Whether the removal of an entry may fail like this: the ledger does not answer, or a worker may not remove it. */
function isHarmless(error: unknown): boolean {
  return (
    error instanceof LedgerUnavailable ||
    (error instanceof Error && /NOPERM|can't access|can't run/.test(error.message))
  );
}

function toStoreRead([now, ...values]: FieldsRead): StoreRead {
  return { now: Number(now), values };
}

/** Returns the replies of a pipeline. Throws the first error among them. */
async function executeBatch(batch: {
  exec(): Promise<[error: Error | null, result: unknown][] | null>;
}): Promise<unknown[]> {
  const results = (await batch.exec()) ?? [];
  return results.map(([error, result]) => {
    if (error) throw error;
    return result;
  });
}
