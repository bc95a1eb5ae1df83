import { readdir, stat } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { moduleNameSchema } from '@gradsmith/core/objective';

const EXTENSIONS = ['.ts', '.js', '.mjs'];

/**
 * Lists the modules of a folder by name: files `NAME.ts`, `NAME.js` or `NAME.mjs` directly in it whose names are valid
 * in a job. Other files are ignored, so modules can share code. Jobs can run only modules in this list.
 *
 * @throws Error if the folder cannot be read, has no module, or has two files with one name
 */
export async function listModules(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const entries = await readdir(folder).catch(({ code }: NodeJS.ErrnoException) => {
    throw new Error(
      `the folder of modules ${resolve(folder)} cannot be read (${code}); name a folder that is there ` +
        `and that this user may read`,
    );
  });
  for (const entry of entries.sort()) {
    const { name, ext } = parse(entry);
    const file = resolve(join(folder, entry));
    if (!EXTENSIONS.includes(ext) || !moduleNameSchema.safeParse(name).success || !(await stat(file)).isFile())
      continue;
    const other = found.get(name);
    if (other !== undefined)
      throw new Error(`the module ${name} is there twice: ${other} and ${file}; rename or remove one`);
    found.set(name, file);
  }
  if (!found.size)
    throw new Error(
      `no module in ${folder}; put NAME.ts, NAME.js or NAME.mjs there, with lower-case letters, digits ` +
        `and dashes in NAME`,
    );
  return found;
}
