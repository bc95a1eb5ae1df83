import { createContext, useContext } from 'react';

/** What the figures below are of, for the names of saved files: the name of a job, or what it is compared with. */
export const FilePrefix = createContext<string | null>(null);

/** Returns the name of a saved file without its extension, such as `forest-the-search`. */
export function useFileName(title: string): string {
  const prefix = useContext(FilePrefix);
  const name = title.replaceAll(/[^\p{L}\p{N}]+/gu, '-').toLowerCase();
  return prefix === null ? name : `${prefix}-${name}`;
}
