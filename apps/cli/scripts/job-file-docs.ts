import { readFileSync } from 'node:fs';
import { backwardNames, contextNames, expressionFunctions, updateNames } from '@gradsmith/core/objective';
import { jobSchema } from '@gradsmith/core/spec';
import { z } from 'zod';
import { alternatives, listFields, typeText, type Field, type Schema } from './schema-fields.ts';

/** Returns the text of docs/job-file.md: every field and its default. Throws if a field has no meaning. */
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
    section('objective, kind: training', 'training', training, 'The workers train a network once for each trial.'),
    section('objective.dataset', 'dataset', at(training, 'dataset'), choice(at(training, 'dataset'))),
    section('objective.network', 'network', at(training, 'network'), choice(at(training, 'network'))),
    section(
      'objective.network.layers',
      'layer',
      at(layers, 'layers', '[]'),
      `${choice(at(layers, 'layers', '[]'), 'type')} ${layersText}`,
    ),
    section('objective.optimizer', 'optimizer', at(training, 'optimizer'), choice(at(training, 'optimizer'))),
    section('objective.backward', 'backward', at(training, 'backward', '[]')),
    section(
      'objective.backward[].derivative',
      'derivative',
      at(training, 'backward', '[]', 'derivative'),
      `${choice(at(training, 'backward', '[]', 'derivative'), 'kind')} A name of an activation stands for ` +
        `its derivative. If \`kind\` is searched, each choice has the defaults of its kind, and \`meta-network\` ` +
        `cannot be a choice. A field that only some kinds have is searched with [when](#conditional-parameters). ` +
        formulaText,
    ),
    section('objective.backward[].transpose', 'transpose', at(training, 'backward', '[]', 'transpose'), transposeText),
    section('objective, kind: module', 'module', objective('module'), moduleText),
    section(
      'objective, kind: external',
      'external',
      objective('external'),
      'External programs ask for points and report values over HTTP, so such a job needs a service: ' +
        '`gradsmith submit` and not `gradsmith run`. `space` names every parameter, without `at`. The calls are in ' +
        '[the API](api.md#external-programs).',
    ),
    section('space', 'parameter', job.properties!['space']!.additionalProperties as Schema, spaceText),
    conditionText,
    constraintText,
    programText,
    section('objectives', 'goal', at(job, 'objectives', '[]'), objectivesText),
    section('search', 'search', at(job, 'search')),
    section('search.stop', 'stop', at(job, 'search', 'stop'), stopText),
    section('search.known', 'known', at(job, 'search', 'known', '[]')),
    section('confirm', 'confirm', at(job, 'confirm'), 'Only trainings are confirmed.'),
    section('limits', 'limits', at(job, 'limits')),
    section('workers', 'workers', at(job, 'workers'), workersText),
  ];
  if (webhooks) sections.push(section('webhooks', 'webhook', webhooks.items!));
  return `${[intro, ...sections].join('\n\n')}\n`;
}

const workersText =
  'A job without `workers` runs on every worker that can train it. Which job gets a free slot: see ' +
  '[operations](operations.md#which-job-gets-a-slot).';

function section(title: string, key: string, schema: Schema, text = ''): string {
  const fields = listFields(schema);
  const mixed = fields.some(({ of }) => of !== null);
  const describeOf = ({ of }: Field): string => of?.map((name) => `\`${name}\``).join(', ') ?? 'all';
  const columns: [title: string, cell: (field: Field) => string][] = [
    ['field', ({ name }) => `\`${name}\``],
    ['takes', ({ schema }) => typeText(schema)],
    ['default', defaultText],
    ['meaning', (field) => findMeaning(key, field)],
  ];
  if (mixed) columns.splice(1, 0, ['of', describeOf]);
  const head = columns.map(([title]) => title);
  const rows = fields.map((field) => columns.map(([, cell]) => cell(field)));
  const table = [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
  return [`## ${title}`, text, table].filter((part) => part !== '').join('\n\n');
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

/** Functions that formulas write as operators. */
const operators = new Set(['add', 'sub', 'mul', 'div', 'pow', 'neg', 'gt', 'ge', 'lt', 'le']);

/** Fields that have a separate section. */
const sectioned = new Set([
  'job.objective',
  'job.space',
  'training.dataset',
  'training.network',
  'training.optimizer',
  'training.backward',
  'network.layers',
  'backward.derivative',
  'backward.transpose',
]);

const transposeText =
  'What delivers the error of the layer to the layer below. About the learned kinds, see ' +
  '[the method](method.md#feedback-that-is-learned).';

function findMeaning(key: string, { name, schema }: Field): string {
  if (schema.description === undefined) throw new Error(`${key}.${name} has no description in its schema`);
  return sectioned.has(`${key}.${name}`) ? `${schema.description}; see below` : schema.description;
}

const layersText = `A layer takes the output of the layer before it, or of the earlier layer that \`input\` names;
\`add\` and \`concat\` take those that \`inputs\` names. So a network can have residual and parallel paths. Each
output except the last must be taken. Shapes, parameters and operations are checked before anything runs.

\`resnet\` with depth 20 has 269,722 parameters on CIFAR-10, and 272,474 with projections, as published. The authors
train it with \`momentum\` at 0.1, weight decay 0.0001, batch size 128 and \`augment: { pad: 4, mirror: true }\`.

**Sequences.** The examples of \`marked-letter\` are lists of tokens. An \`embedding\` turns them into a sequence,
[length, 1, channels], which is an image of width 1. So every layer for images takes sequences, too:

- \`position\` and \`attention\` treat each place of a sequence, or each pixel of an image, as a token.
- \`conv\` with \`kernel: 1\` is a dense layer for each token by itself.
- \`layer-norm\` with \`over: channels\` normalizes each token by itself.
- \`global-average-pool\` is the mean over all tokens.

\`transformer\` is made of these: embedding and positions, then blocks that add \`attention\` and two dense layers to
their input, each after a layer norm (pre-norm), then a layer norm, the mean and a dense layer. With the default sizes
it has 26,280 parameters. The activations \`relu1\`, \`relu2\`, …, one in each block, are \`gelu\` by default.
\`examples/transformer.yaml\` searches a b-function there. A block in your own network, for 32 channels:

\`\`\`yaml
layers:
  - { type: embedding, name: embed, vocabulary: 9, channels: 32 }
  - { type: position, name: position }
  - { type: layer-norm, name: norm1, over: channels }
  - { type: attention, name: attention, heads: 4 }
  - { type: add, name: add1, inputs: [attention, position] }
  - { type: layer-norm, name: norm2, over: channels }
  - { type: conv, name: up, filters: 128, kernel: 1 }
  - { type: activation, name: gelu, function: gelu }
  - { type: conv, name: down, filters: 32, kernel: 1 }
  - { type: add, name: add2, inputs: [down, add1] }
  - { type: global-average-pool, name: pool }
  - { type: dense, name: fc, units: 8 }
\`\`\``;

const formulaText = `

A formula may name these values of its layer and step. A parameter of the same name hides one of them.

| name | value |
| --- | --- |
| \`z\` | the input of the activation, or the weight of a layer with binary weights |
${Object.entries(contextNames)
  .map(([name, meaning]) => `| \`${name}\` | ${meaning} |`)
  .join('\n')}

Means and deviations are over the whole layer: all examples of the batch, positions and channels. Errors are
those of the mean loss, so their size falls with the batch size: divide \`d\` by \`ds\`. Figures and the comparison
with σ′ show g at t = 0.5, m = 0, s = 1, d = ds = 1. A formula that is not finite for some z from −20 to 20 is refused.

Its functions are \`+ - * / ^ < <= > >=\` and ${Object.keys(expressionFunctions)
  .filter((name) => !operators.has(name))
  .map((name) => `\`${name}\``)
  .join(', ')}; \`if(c, a, b)\` is a where c is not 0, otherwise b.

**Activations in steps.** The derivative of \`step\`, \`sign\`, \`quantize\` and of binary weights is 0 almost
everywhere. Plain backpropagation, and so the reference trial, uses a straight-through estimator in its place: 1 for
\`step\` (Bengio et al. 2013), 1 where |z| ≤ 1 for \`sign\` and binary weights (Hubara et al. 2016), 1 where 0 ≤ z ≤ 1
for \`quantize\` (Zhou et al. 2016). Every derivative here can replace it.`;

function listNames(names: Readonly<Record<string, string>>): string {
  const rows = Object.entries(names).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  return ['| name | value |', '| --- | --- |', ...rows].join('\n');
}

const programText = `### Programs

A parameter of the type \`program\` is a formula: a point has its text. \`search.algorithm: evolution\` evolves it, and
\`random\` draws formulas, with the same budget. Numbers and choices can be searched in the same job. A program sets one
of these fields, which a job without a search can set, too:

- \`/backward/N/program/formula\`: the backward step of activation layers. The formula gives the error below the layer,
  and \`d * slope\` is backpropagation.
- \`/backward/N/derivative/formula\`: g of an \`expression\`, which the error is multiplied with.
- \`/optimizer/formula\`: the step Δ of the optimizer \`program\`.

In jobs of kind \`module\` and \`external\`, a program has no \`at\`, and \`operands\` are your own names.

The backward step of an activation layer may use:

${listNames(backwardNames)}

\`r\` needs one convolution or dense layer directly above. \`r * slope\` is feedback alignment there, bit for bit.

The step of an optimizer may use:

${listNames(updateNames)}

So momentum with μ = 0.9 is \`10 * m\`, RMSprop is \`g / (sqrt(v) + 1e-8)\`, Adam is
\`mh / (sqrt(vh) + 1e-8)\`, and Lion is \`sign(0.9 * p + 0.1 * g)\` with \`beta1: 0.99\`. Schedule,
warmup and weight decay are those of all optimizers.

Functions are those of [formulas](#objectivebackwardderivative), and in backward steps the normalizations of a batch:

- \`center(x)\` is x − mean, \`standardize(x)\` is (x − mean) / deviation,
- \`rescale(x)\` is x / root mean square, \`rescaleRows(x)\` the same for each example,
- \`rescaleMax(x)\` is x / max |x|.

Formulas of \`start\` are tried in order, each once, at the first trials that are not enqueued points. This holds for
\`random\`, too. A formula that gives the same numbers as an earlier one on a fixed batch is not tried again. A training
whose loss is not finite ends at once and has \`diverged\`. \`examples/evolution.yaml\` and
\`examples/update-rule.yaml\` are examples. \`gradsmith status\` shows the number of operands, constants and functions
of the best formula.`;

const moduleText = `A module is a TypeScript or JavaScript file. Its default export is
\`async (params, { trial, seed, options, report, signal }) => value\`, and it can also return
\`{ value, metrics, outcome }\`. \`space\` names every parameter, without \`at\`.

- **Which files run.** Only those in the folder that the operator of a worker has set with \`GRADSMITH_MODULES\` or
  \`--modules\` (of \`gradsmith worker\` and \`gradsmith run\`; for containers see
  [operations](operations.md#modules)). If no live worker offers the module, the job waits.
- **Slots.** A worker runs as many trials of each module at once as it has slots.
- **Processes.** Each trial has a new process. It is killed, with the programs it started, when the trial is
  finished, is cancelled, or takes longer than \`limits.trialTimeout\`.
- **Errors.** If the module throws or crashes, the attempt fails, and the trial gets another one. A result that is not
  a finite number fails the trial.
- **Progress.** \`await report(step, value)\` reports an intermediate value. If the trial is pruned, \`report\`
  throws, and \`signal\` is aborted. It also throws for a value that is not finite.
  [The API](api.md#intermediate-values-and-pruning) says what counts if a step is reported twice, and if a pruned trial
  is completed all the same.`;

const stopText = `Rules that stop the search before its budget is used up. The first one that applies does: no further
trial is created, open trials finish, the best points are confirmed, and the job completes. Status and report name the
rule. A result is a complete, pruned or diverged search trial. \`gradsmith extend\` continues the search, also to the
same budget; \`patience\` and \`time\` then count from the extension, and \`target\` stops it only at a new best. So
do retrying a failed trial and invalidating a result. Enqueued points that were not tried yet stay enqueued until
then.

\`improvement\` reads what the model expects when it proposes a trial: the largest expected improvement over the whole
space. Its threshold is \`noise\`, or a number such as \`0.001\`. Five proposals in a row, each from a new
result, have to
be below it. [Stopping](pruning.md#stopping-a-search) says what this saves and costs.`;

const spaceText = `Parameters by name. The weights of a meta-network are included by default, as \`relu2.u\`,
\`relu2.b\`,
\`relu2.v\`, \`relu2.d\` (with more hidden units \`relu2.u1\`, \`relu2.u2\`, …), and so are the coefficients of
a dictionary, as \`relu2.c1\`, … and with \`byDepth\` as \`relu2.e1\`, …. If layers share them, they have the
name of the first. A plain value fixes a weight, and a definition replaces its range. Every other parameter
names the field that it sets with \`at\`: a JSON pointer into the objective, such as
\`/optimizer/learningRate\`. If \`at\` names a field that cannot be searched, the error of \`gradsmith
validate\` lists those that can.

In a training, these cannot be searched, because values of trials could not be compared:

- \`dataset\`, \`epochs\`, \`batchSize\` and \`metric\` change the scale of the metric.
- \`network\`: a network of another kind or with other sizes has other initial weights, and all trials and the
  reference start from the same ones. Only dropout can be searched.
- \`seed\` and \`seedsPerTrial\` are the same in all trials.

Create a job for each value instead. The parameters of [modules](#objective-kind-module) and of
[external objectives](#objective-kind-external) are those of the program, so they can be anything.

\`type\` is one of \`float\`, \`int\`, \`categorical\`, \`constant\`, \`program\`:`;

const constraintText = `### Constraints

\`constraints\` lists comparisons that every point fulfills. They are written in the language of the formulas, with
parameters as names:

\`\`\`yaml
name: constrained

objective:
  kind: training
  dataset: { name: two-gaussians, train: 200, validation: 1000 }
  network: { name: mlp }
  optimizer: { name: momentum }
  epochs: 20
  batchSize: 20
  seed: 1

space:
  learningRate: { at: /optimizer/learningRate, type: float, low: 0.001, high: 1, scale: log }
  momentum: { at: /optimizer/momentum, type: float, low: 0, high: 0.99 }
constraints: ['learningRate <= 0.5 * (1 - momentum)', 'momentum >= 0.5']

search: { trials: 24, maxParallelism: 2, seed: 7 }
\`\`\`

- \`0.2 <= x <= 0.8\` holds if both comparisons do. In formulas of b-functions and programs, write
  \`(0.2 <= x) * (x <= 0.8)\`: there, comparisons are read from the left.
- Functions are \`+ - * / ^ < <= > >=\`, \`if\`, \`nonzero\`, \`min\`, \`max\`, \`abs\`, \`floor\`, \`sign\`,
  \`exp\`, \`log\` and \`sqrt\`; \`pi\` is a name. True is 1 and false is 0. Parameters whose names have a dot
  or a dash, and
  those with values that are text, cannot be used.
- A constraint that names a parameter without a value (see above) does not apply to a point.
- The optimizer proposes only points that fulfill all constraints, and refuses enqueued and known points that do not.
- All constraints together have at most 4,000 characters.
- It finds points by drawing them. A job whose constraints hold for less than 1 of 1,000 random points is refused.

### Measured constraints

An entry with a metric limits what trials measure, and not their points:

\`\`\`yaml
constraints:
  - { metric: latency, max: 20 }
  - { metric: accuracy, min: 0.9 }
\`\`\`

- Modules and external programs report the metric with each result under \`metrics\`; a result without it is
  refused. The metric of the objective can be limited, too.
- A trial that exceeds a limit is complete but _infeasible_: it is never the best and never confirmed.
- \`gp\` models each limited metric and searches where the limits are likely kept. \`tpe\` and \`cma-es\`
  prefer feasible trials, then those with the least violation. The other algorithms do not heed limits.
- If no trial is feasible, the job completes without a best trial, and its reason names the closest one.`;

const objectivesText = `\`objectives\` names two or three metrics that are searched together:

\`\`\`yaml
objective: { kind: external, metric: { name: error, direction: minimize } }
objectives:
  - { metric: error, goal: minimize, reference: 0.5 }
  - { metric: latency, goal: minimize, reference: 100 }
\`\`\`

- One of them is the metric of \`objective\`, whose value is reported as \`value\`. The others are reported under
  \`metrics\`, and a result without one is refused.
- The job has no best trial. Its status has the Pareto front, \`pareto.front\`: the trials that no other is better than
  in all objectives. It lists at most 100; of more, those with the least space around them are left out.
- \`pareto.hypervolume\` measures what the front dominates, up to \`pareto.reference\`. Give every objective a
  \`reference\` if the number is to be compared over time or between jobs.
- \`gp\` maximizes the expected improvement of the hypervolume, \`nsga-ii\` evolves generations of 20 trials (or
  \`initial\`, if that is more) and needs some hundred trials. \`random\`, \`sobol\` and \`grid\` work as always.
- Measured constraints hold: an infeasible trial is not on the front.
- Pruning, confirmations, baselines, \`stop.target\` and \`stop.improvement\` compare one number, and are refused.
  \`stop.patience\` counts from the last change of the front. There is no webhook \`job.best\`.`;

const conditionText = `### Conditional parameters

A parameter with \`when\` is active only in points in which every parameter named there is active and has one of the
listed values. The named parameters are categorical, int or constant. Conditions can be nested; cycles are refused.

- **Points have no value for inactive parameters.** This holds for trials, the API, figures and the client of Python.
  In CSV the cell is empty, and tables show a dash.
- **Points that you give** (\`search.known\`, enqueued points) have exactly the active parameters. Active constants may
  be left out of enqueued points.
- **In a training, a field whose parameter is inactive keeps the value of the job file.** If the \`name\` of the
  optimizer or the \`kind\` of a derivative is searched, the choice replaces the rest by its defaults, so that an
  inactive field next to it has the default of the choice. \`schedule\`, \`warmup\` and \`hypergradient\` are kept.
- **A weight of a meta-network cannot have a condition,** because there is no b-function without it.
- \`gp\` compares points in the parameters that both have. \`tpe\`, \`random\`, \`sobol\` and \`grid\` leave
  inactive parameters out, and \`grid\` has each point once.

${showExample('conditional')}`;

/** Returns an example as a fenced block, without the comment at its head. */
function showExample(name: string): string {
  const text = readFileSync(new URL(`../../../examples/${name}.yaml`, import.meta.url), 'utf8');
  return `\`\`\`yaml\n${text.replace(/^(#.*\n)+/, '').trim()}\n\`\`\``;
}

const intro = `# The job file

<!-- Written by \`pnpm docs:write\` from the schema and apps/cli/scripts. Change those, not this file. -->

A job file is YAML or JSON. \`POST /v1/jobs\` takes the same document.

- \`gradsmith init\` writes one with comments; \`gradsmith init --help\` lists templates.
- \`gradsmith validate FILE\` checks one without running it. For every mistake it shows the place and how to correct
  it.
- Unknown fields are refused.

A job for a b-function, with comments (\`examples/meta-network-mnist.yaml\`):

${showExample('meta-network-mnist')}

A b-function that is compared with the best constant and the best learning rate, too
(\`examples/null-hypotheses.yaml\`; see [the method](method.md#null-hypotheses)):

${showExample('null-hypotheses')}

A hyperparameter search without a b-function:

${showExample('learning-rate')}

Your own network, and a formula for g with a searched constant:

${showExample('formula')}

Your own function that the workers run (see \`examples/modules\`):

${showExample('quadratic')}

An external program, tuned with ask and tell (see \`examples/python\`):

${showExample('external')}`;
