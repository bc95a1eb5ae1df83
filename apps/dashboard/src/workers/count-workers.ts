import type { WorkerResource } from '@gradsmith/contract';
import { formatCount, formatPlural } from '../parts/format.ts';

/** Whether the entry is that of a module. A worker has an entry for its trainers, and one for each of its modules. */
export function isModule({ backend }: Pick<WorkerResource, 'backend'>): boolean {
  return backend === 'module';
}

/**
 * Counts the worker processes. Entries with one name are those of one process, except if they also have the same
 * runtime: a process has each runtime once, so these are workers to which somebody gave the same name.
 */
export function countWorkers(workers: readonly Pick<WorkerResource, 'name' | 'runtime'>[]): number {
  const byName = Map.groupBy(workers, ({ name }) => name);
  return [...byName.values()].reduce((sum, entries) => {
    const byRuntime = Map.groupBy(entries, ({ runtime }) => runtime);
    return sum + Math.max(...[...byRuntime.values()].map(({ length }) => length));
  }, 0);
}

/**
 * Returns `1 worker, 0 of 2 slots busy`, and for modules, which have slots of their own, `0 of 6 slots of modules
 * busy`.
 */
export function describeSlots(workers: readonly WorkerResource[]): string {
  if (!workers.length) return 'no live worker';
  const modules = workers.filter(isModule);
  const trainers = workers.filter((worker) => !isModule(worker));
  return [
    formatPlural(countWorkers(workers), 'worker'),
    ...(trainers.length ? [describeBusy(trainers, 'slot')] : []),
    ...(modules.length ? [describeBusy(modules, 'slot of modules', 'slots of modules')] : []),
  ].join(', ');
}

function describeBusy(workers: readonly WorkerResource[], noun: string, many?: string): string {
  const slots = workers.reduce((sum, each) => sum + each.slots, 0);
  const busy = workers.reduce((sum, { trials }) => sum + trials.length, 0);
  return `${formatCount(busy)} of ${formatPlural(slots, noun, many)} busy`;
}
