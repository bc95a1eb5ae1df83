/** One thing wrong with an input: where (path from its root) and what to do about it. */
export interface Problem {
  path: (string | number)[];
  message: string;
}
