import type { Point } from '@gradsmith/bayesopt';
import { canonicalJson } from './canonical-json.ts';
import { Conflict } from './errors.ts';
import { SCHEMA_VERSION } from './schema-version.ts';

/** A point that a client enqueued. */
export interface EnqueuedPoint {
  /** The client's key (`encodeScopedKey`), or one that the service chose (`encodeServiceKey`). */
  key: string;
  point: Point;
}

/** The enqueued points of a job. */
export interface EnqueuedPoints {
  schema: typeof SCHEMA_VERSION;
  /** Points that are no trial yet, in order. */
  points: EnqueuedPoint[];
  /**
   * Every key ever used, with its point as canonical JSON and its trial once there is one, so that repeats are always
   * found.
   */
  keys: Record<string, { point: string; trial: string | null }>;
}

/** Points that may be enqueued for one job in total, because the record is read and written whole. */
const MAX_ENQUEUED = 2_000;

export function createEnqueuedPoints(): EnqueuedPoints {
  return { schema: SCHEMA_VERSION, points: [], keys: {} };
}

export interface EnqueueResult {
  key: string;
  /** False if this key was used with this point before. */
  added: boolean;
  /** The trial it became; null while it is enqueued. */
  trial: string | null;
  /** Points before it; null once it is a trial. */
  ahead: number | null;
}

/** Adds a point at the end, or first if it replaces a trial. Throws Conflict if the job has too many. */
export function addEnqueuedPoint(
  queue: EnqueuedPoints,
  enqueued: EnqueuedPoint,
  place: 'last' | 'first' = 'last',
): void {
  if (Object.keys(queue.keys).length >= MAX_ENQUEUED)
    throw new Conflict(
      `${MAX_ENQUEUED} points were enqueued for this job, which is the limit; clone the job to enqueue more`,
    );
  queue.points[place === 'last' ? 'push' : 'unshift'](enqueued);
  recordKey(queue, enqueued, null);
}

/** Returns what was enqueued under the key; null if it is new. Throws Conflict if it was used for another point. */
export function findEnqueuedPoint(queue: EnqueuedPoints, key: string, point: Point): EnqueueResult | null {
  const known = Object.hasOwn(queue.keys, key) ? queue.keys[key]! : null;
  if (!known) return null;
  if (known.point !== canonicalJson(point))
    throw new Conflict(`key ${key} was used for another point; choose another Idempotency-Key`);
  const ahead = queue.points.findIndex((waiting) => waiting.key === key);
  return { key, added: false, trial: known.trial, ahead: ahead < 0 ? null : ahead };
}

/** As `findEnqueuedPoint`; null if the key was used for another point. */
export function findSameEnqueuedPoint(queue: EnqueuedPoints, key: string, point: Point): EnqueueResult | null {
  const isSame = Object.hasOwn(queue.keys, key) && queue.keys[key]!.point === canonicalJson(point);
  return isSame ? findEnqueuedPoint(queue, key, point) : null;
}

/** Takes the first point for a trial. Returns false if the first point has another key. */
export function takeEnqueuedPoint(queue: EnqueuedPoints, key: string | undefined, trialId: string): boolean {
  const [first] = queue.points;
  if (!first || first.key !== key) return false;
  queue.points.shift();
  recordKey(queue, first, trialId);
  return true;
}

/** Defines an own property, because assigning to a key named `__proto__` would change the prototype. */
function recordKey({ keys }: EnqueuedPoints, { key, point }: EnqueuedPoint, trial: string | null): void {
  Object.defineProperty(keys, key, {
    value: { point: canonicalJson(point), trial },
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
