import type { ParameterValue } from '@gradsmith/bayesopt';
import { derivativeSchema } from './derivatives/schema.ts';
import { optimizerSchema } from './optimizer.ts';

// A switch is a field whose value decides which fields its owner has.

/** Pointers to the kind of a derivative, a switch. */
export const DERIVATIVE_KIND = /^\/backward\/\d+\/derivative\/kind$/;

/** The pointer to the name of the optimizer, a switch. */
export const OPTIMIZER_NAME = '/optimizer/name';

/** Returns whether the fields next to the one at the pointer depend on its value. */
export function isSwitch(at: string): boolean {
  return at === OPTIMIZER_NAME || DERIVATIVE_KIND.test(at);
}

/** Returns the pointer to what a switch belongs to: `/optimizer` for `/optimizer/name`. */
export function getOwner(at: string): string {
  return at.slice(0, at.lastIndexOf('/'));
}

/** Returns what a switch belongs to, with the defaults of a value; undefined if there is no such value. */
export function createDefaults(at: string, value: ParameterValue): object | undefined {
  const parsed =
    at === OPTIMIZER_NAME ? optimizerSchema.safeParse({ name: value }) : derivativeSchema.safeParse({ kind: value });
  return parsed.data;
}
