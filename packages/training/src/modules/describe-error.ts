import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

const LONGEST_VALUE = 200;
const CHECK_MS = 10_000;

/**
 * Describes what a module threw, with the file and the line of the module. Only files in the folder of the module are
 * named, relative to it.
 *
 * @param longest characters of the text
 */
export function describeThrown(thrown: unknown, file: string, longest: number): string {
  const text = describeMessage(thrown);
  try {
    const folder = dirname(realpathSync(file));
    const place = findPlace(readStack(thrown), folder) ?? findPlace(checkSyntax(thrown, file), folder);
    const at = place === undefined ? '' : ` (${place})`;
    return text.replaceAll(`${folder}${sep}`, '').slice(0, Math.max(0, longest - at.length)) + at;
  } catch {
    return text.slice(0, longest); // Stacks of modules can be anything, and files can be gone.
  }
}

/** Shows a value of a module on one line, shortened. */
export function showValue(value: unknown): string {
  try {
    const shown = inspect(value, {
      breakLength: Infinity,
      compact: true,
      customInspect: false,
      depth: 1,
      maxArrayLength: 5,
      maxStringLength: LONGEST_VALUE / 2,
    });
    return shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE)}…` : shown;
  } catch {
    return `a value of type ${typeof value}`;
  }
}

function describeMessage(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
    return typeof thrown === 'string' ? thrown : showValue(thrown);
  } catch {
    return 'an error without a message';
  }
}

function readStack(thrown: unknown): string {
  return thrown instanceof Error && typeof thrown.stack === 'string' ? thrown.stack : '';
}

/** Returns where Node finds an error in the syntax of JavaScript, which the error itself does not say. */
function checkSyntax(thrown: unknown, file: string): string {
  if (!(thrown instanceof SyntaxError)) return '';
  return spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: CHECK_MS }).stderr;
}

/** A file with a line: alone, or as a frame, `at f (file:///a/b.ts:1:2)`. */
const PLACE = /^(?:\s+at (?:async )?(?:.* \()?)?((?:file:\/\/)?\/.*?):(\d+)(?::\d+)?\)?$/;

/** Returns the first place in the folder, such as `objective.ts:12`. */
function findPlace(stack: string, folder: string): string | undefined {
  for (const line of stack.split('\n')) {
    const [, at, number] = PLACE.exec(line) ?? [];
    if (at === undefined) continue;
    const path = at.startsWith('file:') ? fileURLToPath(at) : at;
    const isOwn = path.startsWith(join(folder, sep)) && !path.includes(`${sep}node_modules${sep}`);
    if (isOwn && path !== join(import.meta.dirname, 'module-child.ts')) return `${relative(folder, path)}:${number}`;
  }
  return undefined;
}
