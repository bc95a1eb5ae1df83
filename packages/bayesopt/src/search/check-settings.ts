import { isProgramAxis } from '../program/program-axis.ts';
import type { Space } from '../space/space.ts';
import { algorithms } from './algorithms.ts';
import type { SearchSettings } from './types.ts';

const DIRECTIONS: readonly unknown[] = ['minimize', 'maximize'];

/** Checks settings that may come from untyped code. @throws RangeError that names the first invalid setting */
export function checkSettings(settings: SearchSettings): void {
  const { algorithm, initial, seed, direction, noisy, evolution } = settings;
  if (!Object.hasOwn(algorithms, algorithm))
    rejectSetting('algorithm', algorithm, `one of ${Object.keys(algorithms).join(', ')}`);
  if (!Number.isSafeInteger(initial) || initial < 1) rejectSetting('initial', initial, 'a whole number of at least 1');
  if (!Number.isSafeInteger(seed) || seed < 0) rejectSetting('seed', seed, 'a whole number from 0 to 2^53 - 1');
  if (!DIRECTIONS.includes(direction)) rejectSetting('direction', direction, `one of ${DIRECTIONS.join(', ')}`);
  for (const field of ['population', 'tournament'] as const) {
    const value = evolution?.[field] ?? 1;
    if (!Number.isSafeInteger(value) || value < 1)
      rejectSetting(`evolution.${field}`, value, 'a whole number of at least 1');
  }
  if (noisy !== undefined && typeof noisy !== 'boolean') rejectSetting('noisy', noisy, 'true, false or left out');
  checkObjectives(settings);
}

function checkObjectives({ algorithm, objectives }: SearchSettings): void {
  if (algorithms[algorithm].objectives === 'several' && !objectives)
    rejectSetting('objectives', objectives, `two or three objectives, which ${algorithm} searches`);
  if (objectives === undefined) return;
  if (algorithms[algorithm].objectives === 'one')
    rejectSetting('algorithm', algorithm, 'gp, nsga-ii, random, sobol or grid with several objectives');
  if (!Array.isArray(objectives) || objectives.length < 2 || objectives.length > 3)
    rejectSetting('objectives', objectives, 'a list of two or three');
  objectives.forEach(({ direction, reference }, m) => {
    if (!DIRECTIONS.includes(direction)) rejectSetting(`objectives.${m}.direction`, direction, 'minimize or maximize');
    if (reference !== undefined && !Number.isFinite(reference))
      rejectSetting(`objectives.${m}.reference`, reference, 'a finite number or left out');
  });
}

/** Refuses an algorithm that cannot search a space. @throws RangeError that names the parameter */
export function checkAlgorithm({ algorithm }: Pick<SearchSettings, 'algorithm'>, space: Space): void {
  const program = searchesPrograms(algorithm) ? undefined : findProgramParameter(space);
  if (program !== undefined)
    throw new RangeError(`${algorithm} searches no programs, which ${program} is; use evolution or random`);
  if (algorithm !== 'cma-es') return;
  const without = findUnorderedParameter(space);
  if (without !== undefined)
    throw new RangeError(`cma-es searches numbers without conditions, which ${without} is not; use gp or tpe`);
}

/** Whether an algorithm searches parameters that are programs. */
export function searchesPrograms(algorithm: SearchSettings['algorithm']): boolean {
  return algorithms[algorithm].programs;
}

/** Returns a parameter that is a program; undefined if none is. */
export function findProgramParameter({ axes }: Space): string | undefined {
  return axes.find(isProgramAxis)?.name;
}

/** Returns a free parameter that has no order or a condition, which `cma-es` cannot search; undefined if none is. */
export function findUnorderedParameter({ axes, definition }: Space): string | undefined {
  return axes.find(({ name, categorical }) => categorical || definition[name]!.when !== undefined)?.name;
}

function rejectSetting(name: string, value: unknown, expected: string): never {
  throw new RangeError(`settings.${name} is ${JSON.stringify(value) ?? String(value)}; it must be ${expected}`);
}
