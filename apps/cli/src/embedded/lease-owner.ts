import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/**
 * Creates a name under which a run holds the lease on its job. Containers may have the same host name and the same
 * process id, so a random id follows: two owners of the same name would share a lease and its fence.
 */
export function createLeaseOwner(): string {
  return `${hostname()}, process ${process.pid}, ${randomUUID()}`;
}

/** Returns the part of a lease owner that is for people: host and process. */
export function getOwnerName(owner: string): string {
  return owner.replace(/, [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, '');
}
