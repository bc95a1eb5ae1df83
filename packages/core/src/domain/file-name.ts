import { InvalidInput } from './errors.ts';

/**
 * Returns `${name}${extension}`, which is inside the folder that it is joined to. Every file that is named after data
 * of a client gets its name here.
 *
 * @throws InvalidInput for a name that could lead elsewhere: with a separator, a leading dot, or a control character
 */
export function toFileName(name: string, extension: string): string {
  if (!/^\w[\w.-]{0,99}$/.test(name))
    throw new InvalidInput(
      [{ path: [], message: `${JSON.stringify(name)} cannot be part of a file name` }],
      'the name',
    );
  return `${name}${extension}`;
}
