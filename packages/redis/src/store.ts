import { LedgerUnavailable, NotFound } from '@gradsmith/core/domain';
import { type LedgerStore, type StoreChange } from '@gradsmith/core/ledger';
import { committed, needsStage, runCommit, runRemove, runStage, runUnlist, unlisted } from './commit.ts';
import { createdAtIn, INDEX_FIELD, indexMember, jobIdIn, type Keys } from './keys.ts';
import type { Link } from './link.ts';
import { runRead } from './read.ts';

/** How often a commit that meets an incomplete index lists the job and tries again before it fails. */
const MAX_LISTINGS = 20;

/**
 * The ledger's storage in Redis: one hash per job, and two indexes that may list too much but never too little.
 *
 * **Lost replies.** When the reply to a commit is lost the caller learns LedgerUnavailable and cannot know whether it
 * was carried out. No layer repeats a commit on its own, nor would that help: its expectations no longer hold if it was
 * carried out, and it would answer false. The ledger then reads again and decides again, and every verb recognises its
 * own work (`already`, the same attempt id, the same digest). A commit that reaches Redis late, after its caller gave
 * up and went on, finds its expectations broken and does nothing.
 */
export class RedisStore implements LedgerStore {
  readonly #link: Link;
  readonly #keys: Keys;

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  async read(jobId: string, fields: readonly string[]): Promise<{ now: number; values: (string | null)[] }> {
    const [now, ...values] = await this.#link.run((client) => runRead(client, this.#keys, jobId, fields));
    return { now: Number(now), values };
  }

  async commit(jobId: string, change: StoreChange): Promise<boolean> {
    if (!needsStage(change)) return this.#write(jobId, change, null);
    const staged = await this.#link.run((client) => runStage(client, this.#keys, jobId, change));
    try {
      return await this.#write(jobId, change, staged);
    } finally {
      // Gone by now where it has become the job; what was asked is answered even where this fails.
      await this.#link.run((client) => client.del(staged)).catch(() => {});
    }
  }

  async #write(jobId: string, change: StoreChange, staged: string | null): Promise<boolean> {
    const { index } = change;
    const isNew = index !== undefined && change.expected.every(([, text]) => text === null);
    if (isNew) await this.#list(jobId, index);
    for (let tried = 0; tried < MAX_LISTINGS; tried++) {
      const answer = await this.#link.run((client) => runCommit(client, this.#keys, jobId, change, staged));
      if (answer === unlisted) {
        await this.#list(jobId, index!);
        continue;
      }
      const isCommitted = answer === committed;
      // A refused creation takes back its own entries; entries that the existing job needs stay.
      const isRefused = isNew && !isCommitted;
      if (index && (isRefused || (isCommitted && !index.active))) await this.#unlist(jobId, index.createdAt, 'active');
      if (index && isRefused) await this.#unlist(jobId, index.createdAt, 'jobs');
      return isCommitted;
    }
    throw new LedgerUnavailable(
      `job ${jobId} was taken from the index ${MAX_LISTINGS} times while it was written; try again`,
    );
  }

  async remove(jobId: string, expected?: readonly [field: string, text: string]): Promise<boolean> {
    const marker = await this.#link.run((client) => client.hget(this.#keys.job(jobId), INDEX_FIELD));
    if (!(await this.#link.run((client) => runRemove(client, this.#keys, jobId, expected)))) return false;
    if (marker === null) return true;
    for (const index of ['active', 'jobs'] as const) await this.#unlist(jobId, createdAtIn(marker), index);
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

  async check(): Promise<void> {
    // A write, because a Redis out of memory or without a disk still answers reads.
    await this.#link.run((client) => client.set(this.#keys.seals[0], '1'));
  }

  async close(): Promise<void> {
    this.#link.close();
  }

  /** Adds the job to the indexes that the change needs. A pipeline and not a transaction: see the commit script. */
  async #list(jobId: string, { createdAt, active }: NonNullable<StoreChange['index']>): Promise<void> {
    const member = indexMember(createdAt, jobId);
    await this.#link.run(async (client) => {
      const pipeline = client.pipeline().zadd(this.#keys.jobs, 0, member);
      if (active) pipeline.zadd(this.#keys.active, 0, member);
      return executeBatch(pipeline);
    });
  }

  /** Need not succeed: a job that stays listed is left out by `list`, which tries this again. */
  async #unlist(jobId: string, createdAt: number, index: 'active' | 'jobs'): Promise<void> {
    try {
      await this.#link.run((client) => runUnlist(client, this.#keys, jobId, indexMember(createdAt, jobId), index));
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
    }
  }

  /** Ids of the members that the index lists rightly; the others are taken out. */
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
      // A job that is created twice, the first time without a reply, has two members with different times.
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

/** The replies of a pipeline; throws the first error among them. */
async function executeBatch(batch: {
  exec(): Promise<[error: Error | null, result: unknown][] | null>;
}): Promise<unknown[]> {
  const results = (await batch.exec()) ?? [];
  return results.map(([error, result]) => {
    if (error) throw error;
    return result;
  });
}
