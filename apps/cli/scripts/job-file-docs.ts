import { jobSchema } from '@gradsmith/core/spec';
import { z } from 'zod';
import { meanings } from './job-file-meanings.ts';
import { alternatives, fieldsOf, typeText, type Field, type Schema } from './schema-fields.ts';

/** The text of docs/job-file.md: every field of the schema with its default. Throws where a field's meaning is not told. */
export function jobFileDocs(): string {
  const job = z.toJSONSchema(jobSchema, { io: 'input', unrepresentable: 'any' }) as Schema;
  const at = (schema: Schema, ...path: string[]): Schema =>
    path.reduce((place, name) => (name === '[]' ? place.items! : place.properties![name]!), schema);
  const objective = (kind: string): Schema =>
    alternatives(at(job, 'objective')).find(({ name }) => name === kind)!.schema;
  const training = objective('training');
  const layers = alternatives(at(training, 'network')).find(({ name }) => name === 'custom')!.schema;
  const webhooks = job.properties?.['webhooks'];
  const sections = [
    section('The job', 'job', job),
    section('objective, kind: training', 'training', training, "Gradsmith's own workers train a network once a trial."),
    section('objective.dataset', 'dataset', at(training, 'dataset'), choice(at(training, 'dataset'))),
    section('objective.network', 'network', at(training, 'network'), choice(at(training, 'network'))),
    section(
      'objective.network.layers',
      'layer',
      at(layers, 'layers', '[]'),
      choice(at(layers, 'layers', '[]'), 'type'),
    ),
    section('objective.optimizer', 'optimizer', at(training, 'optimizer'), choice(at(training, 'optimizer'))),
    section('objective.backward', 'backward', at(training, 'backward', '[]')),
    section(
      'objective.backward[].derivative',
      'derivative',
      at(training, 'backward', '[]', 'derivative'),
      `${choice(at(training, 'backward', '[]', 'derivative'), 'kind')} Those named like an activation are its derivative. A \`kind\` that is searched starts the derivative afresh, with its defaults; whatever else is searched there must be a field of each choice, and \`meta-network\` cannot be one.`,
    ),
    section('objective, kind: module', 'module', objective('module'), moduleText),
    section(
      'objective, kind: external',
      'external',
      objective('external'),
      'Programs outside ask for points and tell values over HTTP; `space` then names every parameter itself, without `at`.',
    ),
    section('space', 'parameter', job.properties!['space']!.additionalProperties as Schema, spaceText),
    section('search', 'search', at(job, 'search')),
    section('search.known', 'known', at(job, 'search', 'known', '[]')),
    section('confirm', 'confirm', at(job, 'confirm')),
    section('limits', 'limits', at(job, 'limits')),
    ...(webhooks ? [section('webhooks', 'webhook', webhooks.items!)] : []),
  ];
  return `${[intro, ...sections].join('\n\n')}\n`;
}

function section(title: string, key: string, schema: Schema, text = ''): string {
  const fields = fieldsOf(schema);
  const mixed = fields.some(({ of }) => of !== null);
  const head = ['field', ...(mixed ? ['of'] : []), 'takes', 'default', 'meaning'];
  const rows = fields.map((field) => [
    `\`${field.name}\``,
    ...(mixed ? [field.of?.map((name) => `\`${name}\``).join(', ') ?? 'all'] : []),
    typeText(field.schema),
    defaultText(field),
    meaningOf(key, field),
  ]);
  const table = [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
  return [`## ${title}`, ...(text ? [text] : []), table].join('\n\n');
}

function choice(schema: Schema, tag = 'name'): string {
  return `\`${tag}\` is one of ${alternatives(schema)
    .map(({ name }) => `\`${name}\``)
    .join(', ')}.`;
}

function defaultText({ schema, required }: Field): string {
  if (required) return '**required**';
  return schema.default === undefined ? 'none' : `\`${JSON.stringify(schema.default)}\``;
}

function meaningOf(key: string, { name, schema }: Field): string {
  const meaning = schema.description ?? meanings[`${key}.${name}`];
  if (meaning === undefined)
    throw new Error(`${key}.${name} has no meaning in job-file-meanings.ts, and no description in the schema`);
  return meaning;
}

const moduleText = `A TypeScript or JavaScript file whose default export is \`async (params, { trial, seed, options, report, signal }) => value\`, or
\`{ value, metrics }\`. Only files run that the operator of a worker has put into the folder named by \`GRADSMITH_MODULES\` or
\`--modules\` (of \`gradsmith worker\` and \`gradsmith run\`; containers: see [operations](operations.md)); a job whose module no live
worker offers waits. A worker runs as many trials of each module at once as it has slots. Each trial has a process of its own, which
starts anew and is killed, with the programs it has started, when it is over, cancelled or beyond \`limits.trialTimeout\`; a throw or a
crash costs an attempt, a result that is no finite number fails the trial. \`await report(step, value)\` tells an intermediate value and throws once the trial is
pruned; \`signal\` aborts then. \`space\` names every parameter itself, without \`at\`.`;

const spaceText = `Parameters by name. The weights of a meta-network are there already, as \`relu2.u\`, \`relu2.b\`, \`relu2.v\`, \`relu2.d\` (with more
hidden units \`relu2.u1\`, \`relu2.u2\`, …); a bare value fixes one, another range replaces its own. Anything else says with \`at\` what it
sets: a JSON pointer into the objective, such as \`/optimizer/learningRate\`. \`gradsmith validate\` names what can be searched.

\`type\` is one of \`float\`, \`int\`, \`categorical\`, \`constant\`:`;

const intro = `# The job file

<!-- Written by \`pnpm docs:write\` from the schema; change that and the meanings beside the script, not this file. -->

YAML or JSON; the same document is what \`POST /v1/jobs\` takes. \`gradsmith init\` writes one with comments, \`gradsmith validate FILE\`
checks one without running it, and says of every mistake where it is and what to do. Unknown fields are refused. \`gradsmith init
--help\` lists templates.

A whole job, with most of what can be said:

\`\`\`yaml
name: relu2-on-mnist
labels: { team: vision }
objective:
  kind: training
  dataset: { name: mnist, train: 2000, validation: 500 }
  network: { name: cnn }
  optimizer: { name: adadelta, learningRate: 0.01 }
  epochs: 2
  batchSize: 50
  backward:
    - { layer: relu2, derivative: { kind: meta-network, hidden: 1, activation: tanh } }
  metric: aulc
  seed: 1
  backend: auto
space:
  relu2.b: 0
  relu2.u: { type: float, low: 0, high: 2 }
  learningRate: { at: /optimizer/learningRate, type: float, low: 0.0001, high: 1, scale: log }
search: { algorithm: gp, trials: 40, maxParallelism: 4, initial: 8, seed: 7, pruning: none }
confirm: { top: 3, seeds: 5 }
limits: { trialTimeout: 30m, attempts: 3, backoff: 1s, maxFailures: 10 }
\`\`\`

An ordinary hyperparameter search, without a b-function:

\`\`\`yaml
name: learning-rate
objective:
  kind: training
  dataset: { name: two-gaussians }
  network: { name: mlp, hidden: [16] }
  optimizer: { name: momentum }
space:
  learningRate: { at: /optimizer/learningRate, type: float, low: 0.001, high: 1, scale: log }
  momentum: { at: /optimizer/momentum, type: float, low: 0, high: 0.99 }
search: { trials: 30, pruning: median }
\`\`\`

A function of your own, run by the workers (see \`examples/modules\`):

\`\`\`yaml
name: quadratic
objective: { kind: module, module: quadratic, metric: { name: distance, direction: minimize }, options: { steps: 20 } }
space:
  x: { type: float, low: -5, high: 5 }
  y: { type: float, low: -5, high: 5 }
search: { trials: 20, pruning: median }
\`\`\`

Something outside Gradsmith, tuned by ask and tell (see \`examples/python\`):

\`\`\`yaml
name: forest
objective: { kind: external, metric: { name: accuracy, direction: maximize } }
space:
  depth: { type: int, low: 1, high: 20 }
  share: { type: float, low: 0.1, high: 1 }
  criterion: { type: categorical, choices: [gini, entropy] }
search: { trials: 50, maxParallelism: 8, algorithm: tpe }
\`\`\`

A network of your own, and a formula for g whose constant is searched:

\`\`\`yaml
name: own-layers
objective:
  kind: training
  dataset: { name: mnist, train: 2000 }
  network:
    layers:
      - { type: conv, name: conv1, filters: 8 }
      - { type: activation, name: act1, function: tanh }
      - { type: pool, name: pool1 }
      - { type: dense, name: fc1, units: 10 }
  optimizer: { name: adam }
  backward:
    - { layer: act1, derivative: { kind: expression, formula: "1 / (1 + abs(z))^k", parameters: { k: 2 } } }
space:
  k: { at: /backward/0/derivative/parameters/k, type: float, low: 0.5, high: 4 }
search: { trials: 20 }
\`\`\``;
