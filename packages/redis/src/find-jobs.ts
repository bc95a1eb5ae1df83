import {
  compareJobPositions,
  getJobPosition,
  matchesJobFilter,
  selectJobs,
  type FindQuery,
  type FoundJobs,
  type IndexedJob,
  type JobFilter,
  type JobPosition,
} from '@gradsmith/core/ledger';
import type { Redis } from 'ioredis';
import { dropEntry, hasEntry, isUnnamed, parseIndexedJob, readIndexTexts, type IndexEntry } from './index-entries.ts';
import { CREATED_AT_DIGITS, createdAtIn, indexMember, jobIdIn, type Keys } from './keys.ts';
import { Script } from './script.ts';

/** Runs a step with a connection, and repeats it as the store's other reads. */
export type RunStep = <T>(step: (client: Redis) => Promise<T>) => Promise<T>;

/** Members of an index whose jobs are looked at in one step, at most. */
const PAGE = 500;
/** Members of `names` that one script looks at: about a millisecond. */
const LOOKED_AT = 2_000;
/** An index with at most so many members is read instead of all names. */
const FEW = 1_000;

/**
 * Lists matching members of `names`, newest first or oldest first.
 *
 *     KEYS[1]  names
 *     ARGV[1]  where to start: a bound of ZRANGE … BYLEX
 *     ARGV[2]  '1' for newest first
 *     ARGV[3]  part of the name, or the whole name
 *     ARGV[4]  '1' if it is the whole name
 *     ARGV[5]  start of the id
 *     ARGV[6]  members to look at
 *     ARGV[7]  members to return, at most
 *     returns  the last member that was looked at or false, then the members that match
 */
const namesScript = new Script(`
  local members
  if ARGV[2] == '1' then
    members = redis.call('ZRANGE', KEYS[1], ARGV[1], '-', 'BYLEX', 'REV', 'LIMIT', 0, ARGV[6])
  else
    members = redis.call('ZRANGE', KEYS[1], ARGV[1], '+', 'BYLEX', 'LIMIT', 0, ARGV[6])
  end
  local most = tonumber(ARGV[7])
  local found = { #members == tonumber(ARGV[6]) and members[#members] }
  for _, member in ipairs(members) do
    local colon = string.find(member, ':', ${CREATED_AT_DIGITS + 2}, true)
    local name = string.sub(member, colon + 1)
    local isNamed
    if ARGV[4] == '1' then isNamed = name == ARGV[3] else isNamed = string.find(name, ARGV[3], 1, true) end
    local at = ${CREATED_AT_DIGITS + 2}
    if isNamed and string.sub(member, at, at + #ARGV[5] - 1) == ARGV[5] then found[#found + 1] = member end
    if #found > most then
      found[1] = member
      break
    end
  end
  return found
`);

/** Finds jobs in the indexes. Each entry is checked against the hash of its job, and removed if it is left over. */
export class JobFinder {
  readonly #run: RunStep;
  readonly #keys: Keys;

  constructor(run: RunStep, keys: Keys) {
    this.#run = run;
    this.#keys = keys;
  }

  async find(query: FindQuery): Promise<FoundJobs> {
    const { filter, order, limit, after } = query;
    const index = await this.#chooseIndex(filter);
    const unnamed = new Set<string>();
    if (order.key !== 'createdAt') {
      const all: IndexedJob[] = [];
      const place = { isDescending: true, after: undefined, wanted: PAGE, unnamed };
      for await (const jobs of this.#read(index, filter, place)) all.push(...jobs);
      return { ...selectJobs(all, query), unnamed: [...unnamed] };
    }
    const jobs: JobPosition[] = [];
    const place = { isDescending: order.isDescending, after, wanted: limit, unnamed };
    for await (const found of this.#read(index, filter, place)) {
      const positions = found.map((job) => getJobPosition(job, order));
      jobs.push(...positions.filter((position) => !after || compareJobPositions(position, after, order) > 0));
      if (jobs.length >= limit) break;
    }
    return { jobs: jobs.slice(0, limit), total: index.total, unnamed: [...unnamed] };
  }

  /** Chooses the index with the fewest members. `total` is the number of jobs that match, if the index tells it. */
  async #chooseIndex({ name, fullName, idStart, state, labels = [] }: JobFilter): Promise<ChosenIndex> {
    const { names } = this.#keys;
    const sets = labels.map((label) => this.#keys.label(label));
    if (state !== undefined) sets.push(this.#keys.state(state));
    const sizes = await this.#countMembers([names, ...sets]);
    const hasText = name !== undefined || fullName !== undefined || idStart !== undefined;
    if (!sets.length) return { key: names, total: hasText ? null : sizes[0]! };
    const least = Math.min(...sizes.slice(1));
    if (hasText && least > FEW) return { key: names, total: null };
    const key = sets[sizes.indexOf(least, 1) - 1]!;
    return { key, total: sets.length === 1 && !hasText ? least : null };
  }

  async #countMembers(indexes: readonly string[]): Promise<number[]> {
    return this.#run(async (client) => Promise.all(indexes.map(async (key) => client.zcard(key))));
  }

  /** Reads the jobs of an index that match, in parts. */
  async *#read({ key }: ChosenIndex, filter: JobFilter, place: Place): AsyncGenerator<IndexedJob[]> {
    const { isDescending } = place;
    const first = isDescending ? '+' : '-';
    const { after } = place;
    // A member of `names` continues after the id.
    const beyond = isDescending ? ':' : ':\u{10ffff}';
    let bound = after ? `(${indexMember(after.createdAt, after.id)}${key === this.#keys.names ? beyond : ''}` : first;
    const seen = new Set<string>();
    // Most of the first jobs may match; if few do, larger steps are faster.
    for (let most = Math.min(place.wanted, PAGE); ; most = Math.min(2 * most, PAGE)) {
      const { members, last } = await this.#listMembers(key, { bound, isDescending, filter, most });
      const jobs = members.length ? await this.#check(key, members, place.unnamed) : [];
      yield jobs.filter((job) => matchesJobFilter(job, filter) && !seen.has(job.id) && seen.add(job.id));
      if (last === null) return;
      bound = `(${last}`;
    }
  }

  async #listMembers(key: string, { bound, isDescending, filter, most }: MemberQuery): Promise<Members> {
    if (key === this.#keys.names) {
      const { name = '', fullName, idStart = '' } = filter;
      const text = fullName === undefined ? [name, '0'] : [fullName, '1'];
      const looked = name || fullName !== undefined || idStart ? LOOKED_AT : most;
      const args = [bound, isDescending ? '1' : '0', ...text, idStart, String(looked), String(most)];
      const [last, ...members] = (await this.#run((client) => namesScript.run(client, [key], args))) as string[];
      return { members, last: last ?? null };
    }
    const members = await this.#run((client) =>
      isDescending
        ? client.zrange(key, bound, '-', 'BYLEX', 'REV', 'LIMIT', 0, most)
        : client.zrange(key, bound, '+', 'BYLEX', 'LIMIT', 0, most),
    );
    return { members, last: members.length === most ? members.at(-1)! : null };
  }

  /**
   * Returns the jobs of the members as their hashes describe them, and removes members that the jobs no longer have. A
   * job that was renamed in this moment is returned, too: its new member may not have been read. A job that an earlier
   * version has changed is added to `unnamed`: its names and its state may be others.
   */
  async #check(key: string, members: readonly string[], unnamed: Set<string>): Promise<IndexedJob[]> {
    const texts = await this.#run((client) => readIndexTexts(client, this.#keys, members.map(jobIdIn)));
    const jobs: IndexedJob[] = [];
    const left: [IndexEntry, (typeof texts)[number]][] = [];
    for (const [i, member] of members.entries()) {
      const entry = { key, member };
      const job = parseIndexedJob(jobIdIn(member), texts[i]!);
      if (job && job.createdAt === createdAtIn(member)) jobs.push(job);
      if (isUnnamed(texts[i]!, member)) unnamed.add(jobIdIn(member));
      if (!hasEntry(this.#keys, entry, texts[i]!)) left.push([entry, texts[i]!]);
    }
    for (const [entry, seen] of left) await this.#run((client) => dropEntry(client, this.#keys, entry, seen));
    return jobs;
  }
}

interface ChosenIndex {
  key: string;
  total: number | null;
}

interface Place {
  isDescending: boolean;
  after: JobPosition | undefined;
  /** Jobs that are wanted of the first part. */
  wanted: number;
  /** Gets the ids of unnamed jobs that are met. */
  unnamed: Set<string>;
}

interface MemberQuery {
  bound: string;
  isDescending: boolean;
  filter: JobFilter;
  /** Members to return. */
  most: number;
}

interface Members {
  members: string[];
  /** The last member that was looked at; null at the end of the index. */
  last: string | null;
}
