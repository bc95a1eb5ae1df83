/** One thing wrong with an input: where (path from its root) and what to do about it. */
export interface Problem {
  path: (string | number)[];
  message: string;
  /** The part of an HTTP request that the path starts from, if it is not the body. */
  in?: 'query' | 'params' | 'headers' | undefined;
}
