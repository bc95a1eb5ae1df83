import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { OpenApiDocument } from './open-api.ts';

interface Example {
  summary: string;
  value: unknown;
}

const attempt = '7f3d2c1e-9b8a-4c6d-8e5f-0a1b2c3d4e5f';
const otherAttempt = 'c2b1a0f9-3e4d-4b5a-9c8d-7e6f5a4b3c2d';
const startedTrial = {
  trial: '7',
  number: 7,
  point: { depth: 8, share: 0.5, criterion: 'gini' },
  seed: 0,
  attempt,
  lease: '60s',
  leaseMs: 60_000,
  heartbeatEvery: '15s',
  heartbeatEveryMs: 15_000,
};
const noTrial: readonly Example[] = [
  { summary: 'No trial is free', value: { answer: 'wait', state: 'running', retryAfter: '1s', retryAfterMs: 1_000 } },
  { summary: 'The job has finished', value: { answer: 'finished', state: 'completed' } },
];

/** Reads one of the job files that templates and documents use, too. */
function readJob(name: string): unknown {
  return parse(readFileSync(new URL(`../../../../examples/${name}.yaml`, import.meta.url), 'utf8'));
}

/** Examples of request bodies, by operation. A test sends them. */
const requests: Readonly<Record<string, readonly Example[]>> = {
  createJob: [
    { summary: 'A b-function in place of a derivative', value: readJob('meta-network-mnist') },
    { summary: 'A hyperparameter of a training', value: readJob('learning-rate') },
    { summary: 'A program of your own', value: readJob('external') },
  ],
  cloneJob: [
    { summary: 'A longer search that knows the results', value: { search: { trials: 60 }, warmStart: {} } },
    { summary: 'Try the five best points first', value: { name: 'again', warmStart: { mode: 'enqueue', top: 5 } } },
  ],
  editJob: [
    {
      summary: 'A name, a label and notes',
      value: { name: 'relu2-final', labels: { reviewed: 'yes', draft: null }, notes: 'Seed 3 **diverges**.' },
    },
  ],
  extendJob: [{ summary: 'A total of 100 trials', value: { trials: 100 } }],
  enqueuePoint: [{ summary: 'A point', value: { point: { depth: 8, share: 0.5, criterion: 'gini' } } }],
  invalidateTrial: [{ summary: 'With a reason', value: { reason: 'the data set was wrong' } }],
  askTrial: [{ summary: 'Wait up to ten seconds', value: { attempt, worker: 'lab-3', lease: '60s', wait: '10s' } }],
  askTrials: [{ summary: 'Two trials', value: { attempts: [attempt, otherAttempt], worker: 'lab-3', wait: '10s' } }],
  tellTrials: [
    {
      summary: 'A value, and a trial that fails',
      value: {
        results: [
          { trial: '7', attempt, value: 0.93 },
          { trial: '8', attempt: otherAttempt, value: null },
        ],
      },
    },
  ],
  sendHeartbeat: [
    { summary: 'Renew the lease', value: { attempt } },
    { summary: 'Report an intermediate value', value: { attempt, progress: { step: 3, value: 0.81 } } },
  ],
  tellTrial: [
    { summary: 'The value', value: { attempt, value: 0.93 } },
    { summary: 'A trial that stopped early', value: { attempt, outcome: 'pruned', value: 0.72 } },
    { summary: 'No finite value: the trial fails', value: { attempt, value: null } },
  ],
  releaseTrial: [{ summary: 'The program stops', value: { attempt, reason: 'shutting down' } }],
  failTrial: [{ summary: 'This attempt failed', value: { attempt, reason: 'out of memory' } }],
};

/** Examples of successful answers, by operation and status. */
const responses: Readonly<Record<string, Readonly<Record<string, readonly Example[]>>>> = {
  askTrial: { 200: [{ summary: 'A trial', value: { answer: 'trial', ...startedTrial } }, ...noTrial] },
  askTrials: { 200: [{ summary: 'Trials', value: { answer: 'trials', items: [startedTrial] } }, ...noTrial] },
  tellTrials: {
    200: [
      {
        summary: 'One result counts',
        value: {
          items: [
            { trial: '7', attempt, answer: 'reported' },
            { trial: '8', attempt: otherAttempt, answer: 'stale' },
          ],
          refused: 1,
        },
      },
    ],
  },
  sendHeartbeat: { 200: [{ summary: 'Continue', value: { answer: 'continue' } }] },
  tellTrial: { 200: [{ summary: 'Stored', value: { answer: 'reported' } }] },
  releaseTrial: { 200: [{ summary: 'Released', value: { answer: 'released' } }] },
  failTrial: { 200: [{ summary: 'Another attempt follows', value: { answer: 'retry' } }] },
  enqueuePoint: {
    202: [
      {
        summary: 'The next point',
        value: { key: 'b7a0c2f4-5e7d-4c1b-9f34-2d8e6a1c0b55', added: true, trial: null, ahead: 0 },
      },
    ],
  },
  checkHealth: { 200: [{ summary: 'Healthy', value: { status: 'ok' } }] },
  checkReadiness: { 200: [{ summary: 'Ready', value: { status: 'ok' } }] },
};

const parameterExamples: Readonly<Record<string, unknown>> = { id: 'job_0123456789abcdef0123', trial: '7' };

/** Adds the examples to the operations of the document. */
export function addExamples(document: OpenApiDocument): OpenApiDocument {
  for (const operation of Object.values(document.paths).flatMap((item) => Object.values(item))) {
    const { operationId, requestBody, parameters = [] } = operation;
    for (const media of Object.values(requestBody?.content ?? {})) addTo(media, requests[operationId]);
    for (const [status, examples] of Object.entries(responses[operationId] ?? {}))
      for (const media of Object.values(operation.responses[status]?.content ?? {})) addTo(media, examples);
    for (const parameter of parameters) {
      if (parameter.in === 'path') Object.assign(parameter, { example: parameterExamples[parameter.name] });
    }
  }
  return document;
}

function addTo(media: { examples?: Record<string, Example> }, examples: readonly Example[] | undefined): void {
  if (examples) media.examples = Object.fromEntries(examples.map((example, i) => [`example${i + 1}`, example]));
}
