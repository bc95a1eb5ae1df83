/** The names of everything Gradsmith keeps in Redis, all below one prefix. Nothing else makes up a name. */
export interface Keys {
  /** Hash: the fields of one job, and `INDEX_FIELD`. */
  job(jobId: string): string;
  /** Hash: the fields of a job of thousands of them, before they are committed. */
  staged(jobId: string, id: string): string;
  /** Sorted set, all scores 0: `<createdAt>:<job>` of every job. */
  jobs: string;
  /** The same for the jobs a coordinator has work with. */
  active: string;
  /** Two strings, see `sealLog`. */
  seals: readonly [string, string];
  /** Sorted set: worker ids by the moment their announcement ends, ms of the Redis clock. */
  workers: string;
  /** Hash: worker id to what it announced. */
  workerInfos: string;
  /** String: who has the lease of a thing; it ends by itself. */
  lease(thing: string): string;
  /** Channel: ids of jobs that changed. */
  signals: string;
  /** The prefix BullMQ puts before the keys of its queues. */
  queues: string;
  /** BullMQ's name of the queue of one runtime; BullMQ allows no colon in it. */
  queue(runtime: string): string;
  /** BullMQ's id of a message; it allows no colon and not only digits. */
  message(messageId: string): string;
}

export function keysUnder(prefix: string): Keys {
  return {
    job: (jobId) => `${prefix}:job:${jobId}`,
    staged: (jobId, id) => `${prefix}:staged:${jobId}:${id}`,
    jobs: `${prefix}:jobs`,
    active: `${prefix}:active`,
    seals: [`${prefix}:seal:1`, `${prefix}:seal:2`],
    workers: `${prefix}:workers`,
    workerInfos: `${prefix}:worker-infos`,
    lease: (thing) => `${prefix}:lease:${thing}`,
    signals: `${prefix}:signals`,
    queues: `${prefix}:queue`,
    queue: (runtime) => encodeURIComponent(runtime),
    message: (messageId) => `m-${encodeURIComponent(messageId)}`,
  };
}

/** Field of a job's hash that says how the indexes have to list it: `<createdAt>:<1 active, 0 not>`. */
export const INDEX_FIELD = '@index';

/** The member that stands for a job in an index; members sort by creation, then id. */
export function indexMember(createdAt: number, jobId: string): string {
  return `${String(createdAt).padStart(15, '0')}:${jobId}`;
}

/** The moment of creation in an index member, or in a job's `INDEX_FIELD`. */
export function createdAtIn(text: string): number {
  return Number(text.slice(0, text.indexOf(':')));
}

/** The job id in an index member. */
export function jobIdIn(member: string): string {
  return member.slice(member.indexOf(':') + 1);
}
