import { InvalidInput } from './errors.ts';

/** One page of a list. `next` is the cursor of the page after it; null if there is none. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

/** Returns the error for a cursor that no page of this list has as its `next`. */
export function createCursorError(): InvalidInput {
  const message = 'is not `next` of a page of this list in this order; leave it out for the first page';
  return new InvalidInput([{ path: ['cursor'], message, in: 'query' }], 'the request');
}
