import type { Point } from '@gradsmith/bayesopt';
import { canonicalJson } from './canonical-json.ts';
import { Conflict } from './errors.ts';

/** A point that a client wants tried, under the client's own key. */
export interface EnqueuedPoint {
  key: string;
  point: Point;
}

/** The points that clients enqueued for a job. */
export interface EnqueuedPoints {
  schema: 2;
  /** Not issued yet, in order. */
  points: EnqueuedPoint[];
  /** Every key ever used, with its point's canonical JSON and, once issued, its trial: enqueuing is idempotent for good. */
  keys: Record<string, { point: string; trial: string | null }>;
}

/** Points a job may have enqueued in its life: the record is read and written whole. */
const MAX_ENQUEUED = 2_000;

export function createEnqueuedPoints(): EnqueuedPoints {
  return { schema: 2, points: [], keys: {} };
}

export interface EnqueueResult {
  key: string;
  /** False: this key had been used with this point before. */
  added: boolean;
  /** The trial it has become, or null while it waits. */
  trial: string | null;
  /** Points that go before it, or null once it is issued. */
  ahead: number | null;
}

/** Adds at the end, or in front where it takes another trial's place. Throws Conflict when the queue is full. */
export function addEnqueuedPoint(
  queue: EnqueuedPoints,
  enqueued: EnqueuedPoint,
  place: 'last' | 'first' = 'last',
): void {
  if (Object.keys(queue.keys).length >= MAX_ENQUEUED)
    throw new Conflict(`${MAX_ENQUEUED} points were enqueued for this job, no more are taken; clone it to go on`);
  queue.points[place === 'last' ? 'push' : 'unshift'](enqueued);
  note(queue, enqueued, null);
}

/** What became of the key; null where it is new. Throws Conflict where it stands for another point. */
export function findEnqueuedPoint(queue: EnqueuedPoints, key: string, point: Point): EnqueueResult | null {
  const known = Object.hasOwn(queue.keys, key) ? queue.keys[key]! : null;
  if (!known) return null;
  if (known.point !== canonicalJson(point))
    throw new Conflict(`key ${key} was used for another point; choose another Idempotency-Key`);
  const ahead = queue.points.findIndex((waiting) => waiting.key === key);
  return { key, added: false, trial: known.trial, ahead: ahead < 0 ? null : ahead };
}

/** Lets a trial have the point that waits first; false where that is another one than `key`'s. */
export function takeEnqueuedPoint(queue: EnqueuedPoints, key: string | undefined, trialId: string): boolean {
  const [first] = queue.points;
  if (!first || first.key !== key) return false;
  queue.points.shift();
  note(queue, first, trialId);
  return true;
}

/**
 * Keeps what the key stands for as a property of the record's own: an assignment to `__proto__` would reach every
 * object.
 */
function note({ keys }: EnqueuedPoints, { key, point }: EnqueuedPoint, trial: string | null): void {
  Object.defineProperty(keys, key, {
    value: { point: canonicalJson(point), trial },
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
