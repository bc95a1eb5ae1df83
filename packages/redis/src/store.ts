import { randomBytes, randomUUID } from 'node:crypto';
import { LedgerUnavailable } from '@gradsmith/core/domain';
import {
  type FindQuery,
  type FoundJobs,
  type IndexChange,
  type LedgerStore,
  type StoreChange,
  type StoreRead,
} from '@gradsmith/core/ledger';
import type { Log } from '@gradsmith/core/ports';
import type { Redis } from 'ioredis';
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
import { PermissionDenied } from './errors.ts';
import { JobFinder } from './find-jobs.ts';
import {
  dropEntry,
  hasEntry,
  isUnnamed,
  listEntries,
  listLeftEntries,
  listPossibleEntries,
  parseIndexedJob,
  readIndexTexts,
  type IndexEntry,
  type IndexTexts,
} from './index-entries.ts';
import { createdAtIn, INDEX_FIELD, indexMember, jobIdIn, type Keys } from './keys.ts';
import type { Link } from './link.ts';
import { runRead, type FieldsRead } from './read.ts';

/** Jobs whose names are looked at in one step. */
const LOOKED_AT_ONCE = 200;
/** How often a commit that finds an incomplete index lists the job and retries before it fails. */
const MAX_LISTINGS = 20;

/**
 * Stores the ledger in Redis: one hash per job, and indexes that may list too many jobs but never too few.
 *
 * **Lost replies.** If the reply to a commit is lost, the caller gets LedgerUnavailable and cannot know whether the
 * commit was applied. No layer repeats a commit. That would not help: if it was applied, its expectations no longer
 * hold, and it would answer false. Instead, the ledger reads and decides again, and every operation recognizes its own
 * earlier work (`already`, the same attempt id, the same digest). If a commit reaches Redis late, after its caller gave
 * up and continued, its expectations fail and it does nothing.
 */
export class RedisStore implements LedgerStore {
  readonly #link: Link;
  readonly #keys: Keys;
  readonly #log: Log;

  constructor(link: Link, keys: Keys, log: Log) {
    this.#link = link;
    this.#keys = keys;
    this.#log = log;
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
      await this.#link.run((client) => client.unlink(staged)).catch(() => {});
    }
  }

  async #write(jobId: string, change: StoreChange, options: CommitOptions): Promise<StoreRead | null> {
    const { index } = change;
    const isNew = index !== undefined && change.expected.every(([, text]) => text === null);
    if (isNew) await this.#list(listEntries(this.#keys, jobId, index));
    const former = index?.before && index.names ? await this.#readIndexTexts(jobId) : null;
    for (let tried = 0; tried < MAX_LISTINGS; tried++) {
      const answer = await this.#link.run((client) => runCommit(client, this.#keys, { jobId, change, ...options }));
      if (answer === unlisted) {
        await this.#list(await this.#findUnlisted(listEntries(this.#keys, jobId, index!)));
        continue;
      }
      const isCommitted = !Array.isArray(answer);
      // A refused creation removes its own entries. Entries that the existing job needs stay.
      const isRefused = isNew && !isCommitted;
      if (index && isCommitted && !index.active) await this.#unlistFinished(jobId, index.createdAt);
      if (index && isRefused) {
        for (const list of ['active', 'jobs'] as const) await this.#unlist(jobId, index.createdAt, list);
      }
      if (index) await this.#dropLeftEntries(jobId, index, isCommitted);
      if (former && isCommitted) await this.#dropEntries(jobId, listPossibleEntries(this.#keys, jobId, former));
      return isCommitted ? null : toStoreRead(answer);
    }
    throw new LedgerUnavailable(
      `job ${jobId} was taken from the index ${MAX_LISTINGS} times while it was written; try again`,
    );
  }

  async remove(jobId: string, expected?: readonly [field: string, text: string]): Promise<boolean> {
    const texts = await this.#readIndexTexts(jobId);
    if (!(await this.#link.run((client) => runRemove(client, this.#keys, jobId, expected)))) return false;
    if (texts.marker === null) return true;
    for (const index of ['active', 'jobs'] as const) await this.#unlist(jobId, createdAtIn(texts.marker), index);
    await this.#dropEntries(jobId, listPossibleEntries(this.#keys, jobId, texts));
    return true;
  }

  async #readIndexTexts(jobId: string): Promise<IndexTexts> {
    return this.#link.run(async (client) => (await readIndexTexts(client, this.#keys, [jobId]))[0]!);
  }

  async *list({ pageSize, active = false }: { pageSize: number; active?: boolean }): AsyncGenerator<string[]> {
    const index = active ? 'active' : 'jobs';
    for await (const members of this.#readMembers(index, pageSize)) yield this.#belonging(members, index);
  }

  /**
   * Reads the members of an index, newest first, in pages. A page starts below the last member of the one before, which
   * need not exist any more.
   */
  async *#readMembers(index: 'active' | 'jobs', pageSize: number): AsyncGenerator<string[]> {
    for (let bound = '+'; ;) {
      const from = bound;
      const members = await this.#link.run((client) =>
        client.zrange(this.#keys[index], from, '-', 'BYLEX', 'REV', 'LIMIT', 0, pageSize),
      );
      if (members.length) yield members;
      if (members.length < pageSize) return;
      bound = `(${members.at(-1)}`;
    }
  }

  async find(query: FindQuery): Promise<FoundJobs> {
    return new JobFinder((step) => this.#link.run(step), this.#keys).find(query);
  }

  /** Looks at the hash and at the entry of every job: no size of an index tells whether it lists all of them. */
  async *listUnnamed(): AsyncGenerator<string[]> {
    for await (const members of this.#readMembers('jobs', LOOKED_AT_ONCE)) yield this.#findUnnamed(members);
  }

  /** Returns the ids of those members of `jobs` whose jobs need names, or are missing in `names`. */
  async #findUnnamed(members: readonly string[]): Promise<string[]> {
    const texts = await this.#link.run((client) => readIndexTexts(client, this.#keys, members.map(jobIdIn)));
    const named = members.flatMap((member, i) => {
      const job = parseIndexedJob(jobIdIn(member), texts[i]!);
      return job && job.createdAt === createdAtIn(member) ? [{ id: job.id, entry: `${member}:${job.name}` }] : [];
    });
    const entries = named.map(({ entry }) => entry);
    const { names } = this.#keys;
    const scores = entries.length ? await this.#link.run((client) => client.zmscore(names, ...entries)) : [];
    const unnamed = members.filter((member, i) => isUnnamed(texts[i]!, member)).map(jobIdIn);
    return [...unnamed, ...named.filter((_, i) => scores[i] === null).map(({ id }) => id)];
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

  /** Removes those of the entries that the job does not have. */
  async #dropEntries(jobId: string, entries: readonly IndexEntry[]): Promise<void> {
    if (!entries.length) return;
    await this.#tidy(jobId, async (client) => {
      const [texts] = await readIndexTexts(client, this.#keys, [jobId]);
      const left = entries.filter((entry) => !hasEntry(this.#keys, entry, texts!));
      await Promise.all(left.map(async (entry) => dropEntry(client, this.#keys, entry, texts!)));
    });
  }

  async #unlist(jobId: string, createdAt: number, index: 'active' | 'jobs'): Promise<void> {
    await this.#tidy(jobId, (client) => runUnlist(client, this.#keys, jobId, indexMember(createdAt, jobId), index));
  }

  /**
   * Removes entries after a change, which holds even if the ledger does not answer now. Who reads an entry that stays
   * skips the job, and removes the entry.
   *
   * @throws PermissionDenied
   */
  async #tidy(jobId: string, remove: (client: Redis) => Promise<unknown>): Promise<void> {
    try {
      await this.#link.run(remove);
    } catch (error) {
      if (!(error instanceof LedgerUnavailable) || error instanceof PermissionDenied) throw error;
      this.#log.warn({ err: error, job: jobId }, 'an entry of the index of jobs stays until it is read');
    }
  }

  /**
   * Takes a job that has finished from the active ones. A worker whose result finishes the job may not do that: the
   * coordinator does it when it lists the active jobs.
   */
  async #unlistFinished(jobId: string, createdAt: number): Promise<void> {
    try {
      await this.#unlist(jobId, createdAt, 'active');
    } catch (error) {
      if (!(error instanceof PermissionDenied)) throw error;
      this.#log.info(
        { job: jobId },
        'this user may not take the finished job from the active ones; a coordinator does',
      );
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
