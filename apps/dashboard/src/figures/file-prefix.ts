import { createContext, useContext } from 'react';

/** What the figures below are of: the name of a job, for the names of saved files. */
export const FilePrefix = createContext<string | null>(null);

/** Returns the name of a saved file without its extension, such as `forest-the-search`. */
export function useFileName(title: string): string {
  const prefix = useContext(FilePrefix);
  const name = title.replaceAll(/[^\p{L}\p{N}]+/gu, '-').toLowerCase();
  return prefix === null ? name : `${prefix}-${name}`;
}
