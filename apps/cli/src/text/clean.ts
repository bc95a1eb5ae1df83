import { stripVTControlCharacters } from 'node:util';

/** Removes escape sequences and control characters from a text that a service, a job or a worker has written. */
export function cleanText(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what has to go
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/g, ' ');
}
