import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { jobChangesSchema } from '@gradsmith/core/jobs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import openapiTypes, { astToString } from 'openapi-typescript';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { OpenApiDocument } from '../src/pages/open-api.ts';
import { call, startApi } from './support.ts';

type Node = Record<string, unknown>;

let text: string;
let document: OpenApiDocument;

beforeEach(async () => {
  const { app } = await startApi();
  text = (await app.inject('/openapi.json')).body;
  document = JSON.parse(text) as OpenApiDocument;
});

/** Returns every object in the document, with its JSON pointer. */
function* walk(value: unknown, pointer = ''): Generator<[pointer: string, node: Node]> {
  if (typeof value !== 'object' || value === null) return;
  yield [pointer, value as Node];
  for (const [key, child] of Object.entries(value)) {
    if (key !== 'examples' && key !== 'default') yield* walk(child, `${pointer}/${key}`);
  }
}

const listOperations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, ...operation })),
  );

describe('the OpenAPI document', () => {
  test("has no errors and no warnings by Redocly's recommended rules", async () => {
    const config = await createConfig({ extends: ['recommended'], rules: { 'operation-4xx-response': 'error' } });
    const problems = await lintFromString({ source: text, absoluteRef: 'openapi.json', config });
    expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
  });

  test('and the documents name every field of a job that can be changed', () => {
    const { summary } = document.paths['/v1/jobs/{id}']!['patch']! as unknown as Node;
    const documents = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
    const [sentence] = /^`PATCH [^]*?\./m.exec(documents)!;
    for (const field of Object.keys(jobChangesSchema.shape)) {
      expect(summary).toContain(field);
      expect(sentence).toContain(`\`${field}\``);
    }
  });

  test('describes every operation, parameter, response and property', () => {
    const operations = listOperations() as unknown as Node[];
    const nodes = [...walk(document)];
    const parameters = operations.flatMap(({ parameters = [] }) => parameters as Node[]);
    const responses = Object.values(document.components!.responses!) as Node[];
    const properties = nodes.flatMap(([pointer, { type, properties }]) =>
      type === 'object' && properties
        ? Object.entries(properties as Record<string, Node>).map(([name, node]) => ({ at: `${pointer}/${name}`, node }))
        : [],
    );
    expect(
      operations.filter(({ operationId, summary, description }) => !operationId || !summary || !description),
    ).toEqual([]);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    expect(parameters.filter(({ description }) => !description)).toEqual([]);
    expect(responses.filter(({ description }) => !description)).toEqual([]);
    expect(properties.filter(({ node }) => !node['description'] && !node['$ref']).map(({ at }) => at)).toEqual([]);
    expect([operations.length, parameters.length, properties.length]).toEqual([
      expect.toSatisfy((count: number) => count >= 33),
      expect.toSatisfy((count: number) => count >= 50),
      expect.toSatisfy((count: number) => count >= 1_300),
    ]);
  });

  test('has examples of every request body, and each is valid', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: true });
    addFormats.default(ajv);
    ajv.addSchema(document as object, 'document');
    let count = 0;
    for (const [pointer, { schema, examples }] of walk(document)) {
      if (pointer.endsWith('/requestBody/content/application/json') && !pointer.includes('import'))
        expect(examples, pointer).toBeDefined();
      if (!schema || !examples) continue;
      const validate = ajv.compile({ ...document, ...(schema as object) });
      for (const { value } of Object.values(examples as Record<string, { value: unknown }>)) {
        expect(validate(value), `${pointer}: ${ajv.errorsText(validate.errors)}`).toBe(true);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(20);
  });

  test('has examples of jobs that the service accepts', async () => {
    const { app } = await startApi();
    const { examples } = document.paths['/v1/jobs']!['post']!.requestBody!.content['application/json']!;
    for (const { value } of Object.values(examples!))
      expect((await call(app, 'POST', '/v1/jobs', value as object)).status).toBe(201);
  });
});

test('types generated from the document compile, and describe calls', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-types-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'api.d.ts'),
    astToString(await openapiTypes(JSON.parse(text), { defaultNonNullable: false })),
  );
  writeFileSync(join(folder, 'use.ts'), use);
  const compiler = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--target',
    'es2024',
    '--module',
    'preserve',
    join(folder, 'use.ts'),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [compiler, ...options]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});

/** What a client does with the types. Errors of the compiler are expected in one line. */
const use = `
import type { components, operations } from './api.d.ts';

type Ask = operations['askTrial'];
const request: Ask['requestBody']['content']['application/json'] = { attempt: crypto.randomUUID(), wait: '10s' };
const job: components['schemas']['JobInput'] = {
  name: 'parabola',
  objective: { kind: 'external', metric: { name: 'y', direction: 'minimize' } },
  space: { x: { type: 'float', low: -5, high: 5 } },
  search: { trials: 20 },
};
// @ts-expect-error: the budget is a number
const wrong: components['schemas']['JobInput'] = { ...job, search: { trials: 'many' } };
export function describe(answer: Ask['responses'][200]['content']['application/json']): string {
  return answer.answer === 'trial' ? answer.trial + JSON.stringify(answer.point) : answer.state;
}
export const sent = [request, job, wrong];

type Answer<Operation extends keyof operations> =
  operations[Operation] extends { responses: { 200: { content: { 'application/json': infer Body } } } } ? Body : never;
type Trial = components['schemas']['Trial'];
/** Without \`fields\`, an answer is whole. */
export function read(trials: Answer<'listTrials'>, trial: Answer<'getTrial'>, found: Answer<'getJob'>): number {
  const whole = trials.items as Trial[];
  const { curve } = trial as components['schemas']['TrialDetail'];
  const { spec } = found as components['schemas']['JobResource'];
  return whole.map(({ point }) => Object.keys(point).length).concat(curve, spec.search.trials).length;
}
/** With \`fields=id,best.value\`, it has these. */
export function readSome(jobs: Answer<'listJobs'>): (number | undefined)[] {
  const some = jobs.items as Pick<components['schemas']['JobSummarySelection'], 'id' | 'best'>[];
  // @ts-expect-error: this field was not asked for
  some.map(({ state }) => state);
  // @ts-expect-error: an answer may be a selection, in which no field is certain
  const unsure: string = jobs.items[0]!.id;
  return [...some.map(({ best }) => best?.value), unsure.length];
}
`;
