import { stripVTControlCharacters } from 'node:util';

/** Text from outside (a server, a job's reasons) made safe for a terminal: no escape sequences, no control characters. */
export function clean(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what has to go
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/g, ' ');
}
