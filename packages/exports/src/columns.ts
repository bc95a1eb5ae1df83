import type { Parameter } from '@gradsmith/bayesopt';
import type { ExportedJob } from './exported-job.ts';

export type ColumnType = 'boolean' | 'integer' | 'number' | 'text' | 'time';

export interface Column {
  name: string;
  type: ColumnType;
}

/** Lists a column for each parameter of a job, named `point.NAME` as in CSV. */
export function listColumns({ parameters }: ExportedJob): Column[] {
  return [...parameters].map(([name, parameter]) => ({ name: `point.${name}`, type: getParameterType(parameter) }));
}

/** Returns the type of a parameter's values; choices of several types are text. */
export function getParameterType(parameter: Parameter): 'boolean' | 'integer' | 'number' | 'text' {
  if (parameter.type === 'float') return 'number';
  if (parameter.type === 'int') return 'integer';
  if (parameter.type === 'program') return 'text';
  const values = parameter.type === 'constant' ? [parameter.value] : parameter.choices;
  if (values.every((value) => typeof value === 'number')) return 'number';
  return values.every((value) => typeof value === 'boolean') ? 'boolean' : 'text';
}

/** Returns a value of a parameter as its type has it. */
export function toTypedValue(parameter: Parameter, value: number | string | boolean): number | string | boolean {
  return getParameterType(parameter) === 'text' ? String(value) : value;
}
