import { formatCount } from '@gradsmith/charts/numbers';
import { jobSchema } from '@gradsmith/core/spec';
import { z } from 'zod';

/** The parts of a JSON schema that the editor and the form use. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What a job may have, from the one home of fields and their descriptions. */
export const jobJsonSchema = z.toJSONSchema(jobSchema, { io: 'input', unrepresentable: 'any' }) as Schema;

/** Returns false if a value contradicts the type or the constants of a schema. What is missing contradicts nothing. */
export function fitsSchema({ properties, type }: Schema, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return type !== 'object' && type !== 'array';
  if (Array.isArray(value)) return type === undefined || type === 'array';
  if (type !== undefined && type !== 'object') return false;
  return Object.entries(properties ?? {}).every(([name, field]) => {
    const found = (value as Readonly<Record<string, unknown>>)[name];
    return field.const === undefined || found === undefined || found === null || found === field.const;
  });
}

/** Returns `int, 1 to 100, default 8`. */
export function describeType(schema: Schema): string {
  const { type, enum: values, const: only, minimum, maximum, default: usual } = schema;
  const parts: string[] = [];
  const named = values ?? (only === undefined ? null : [only]);
  if (named) parts.push(named.join(' | '));
  else if (type) parts.push(type === 'integer' ? 'whole number' : type);
  if (minimum !== undefined && maximum !== undefined && maximum < 1e15)
    parts.push(`${formatLimit(minimum)} to ${formatLimit(maximum)}`);
  else if (minimum !== undefined && minimum > -1e15) parts.push(`at least ${formatLimit(minimum)}`);
  if (usual !== undefined && typeof usual !== 'object') parts.push(`default ${String(usual)}`);
  return parts.join(', ');
}

/** Long whole numbers have commas. */
function formatLimit(limit: number): string {
  return Number.isInteger(limit) && limit >= 10_000 ? formatCount(limit) : String(limit);
}
