/** One page of a list. `next` is the cursor of the page after it; null if there is none. */
export interface Page<T> {
  items: T[];
  next: string | null;
}
