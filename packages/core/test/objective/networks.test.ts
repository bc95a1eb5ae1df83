import { describe, expect, it } from 'vitest';
import { encodeCurve, LONGEST_CURVE, trialResultSchema } from '../../src/domain/index.ts';
import { checkObjective } from '../../src/objective/check-objective.ts';
import { planTraining, type TrainingObjectiveInput, trainingObjectiveSchema } from '../../src/objective/schema.ts';

type Input = Omit<TrainingObjectiveInput, 'kind'>;
const base = { dataset: { name: 'mnist' }, network: { name: 'cnn' }, optimizer: { name: 'sgd' } } as const;
const objective = (change: Partial<Input> = {}) =>
  trainingObjectiveSchema.parse({ kind: 'training', ...base, ...change });
const problems = (change: Partial<Input>) =>
  checkObjective(objective(change)).map(({ path, message }) => `${path.join('.')}: ${message}`);
const cifar = { name: 'cifar10' } as const;
const letters = { name: 'marked-letter' } as const;

describe('networks', () => {
  it('SimpleNet v1 has the size its authors state', () => {
    const { shape, layers } = planTraining(objective({ dataset: cifar, network: { name: 'simplenet' } }));
    expect(shape.parameters).toBe(5_493_258);
    expect(shape.multiplyAdds).toBe(652_151_296);
    expect(layers.filter(({ type }) => type === 'activation').map(({ name }) => name)).toEqual(
      Array.from({ length: 13 }, (_, i) => `relu${i + 1}`),
    );
    expect(layers.filter(({ type }) => type === 'batch-norm')).toHaveLength(10);
    expect(layers.filter(({ type }) => type === 'dropout')).toHaveLength(12);
    const convolutions = shape.layers.filter(({ type }) => type === 'conv');
    expect(convolutions.reduce((sum, { parameters, output }) => sum + parameters - output[2]!, 0)).toBe(5_482_176);
  });

  it.each([
    ['simplenet-slim', cifar, 311_594],
    ['lenet', base.dataset, 61_706],
    ['cnn', base.dataset, 9_122],
    ['mlp', { name: 'two-gaussians', dimension: 3 }, 3 * 32 + 32 * 32 + 64],
  ] as const)('%s', (name, dataset, parameters) => {
    const plan = planTraining(objective({ dataset, network: { name } }));
    expect(plan.shape.parameters).toBe(parameters);
    expect(plan.shape.output).toEqual([plan.classes]);
  });

  it.each([
    ['resnet', {}, 269_722, 40_551_040],
    ['resnet', { shortcut: 'projection' }, 272_474, 40_813_184],
    ['resnet', { depth: 32 }, 464_154, 68_862_592],
    ['vgg', {}, 9_231_114, 152_769_536],
    ['vgg', { depth: 16 }, 14_728_266, 313_201_664],
  ] as const)('%s %o has the published size', (name, change, parameters, multiplyAdds) => {
    const network = { name, ...change } as Input['network'];
    const { shape } = planTraining(objective({ dataset: cifar, network }));
    expect(shape).toMatchObject({ parameters, multiplyAdds });
  });

  it('ResNet-20 has 20 layers with weights, and three stages', () => {
    const { layers, shape } = planTraining(objective({ dataset: cifar, network: { name: 'resnet' } }));
    expect(layers.filter(({ type }) => type === 'conv' || type === 'dense')).toHaveLength(20);
    const sums = shape.layers.filter(({ type }) => type === 'add').map(({ output }) => output.join('×'));
    expect(sums).toEqual([
      ...Array.from({ length: 3 }, () => '32×32×16'),
      ...Array.from({ length: 3 }, () => '16×16×32'),
      ...Array.from({ length: 3 }, () => '8×8×64'),
    ]);
    expect(problems({ dataset: cifar, network: { name: 'resnet' } })).toEqual([]);
  });

  it.each([
    [{}, 26_280, 430_848],
    [{ blocks: 1, channels: 16, heads: 2, hidden: 20, dropout: 0.1 }, 2332, 37_248],
  ])('transformer %o has embeddings, attention and dense layers for each token', (change, parameters, multiplyAdds) => {
    const network = { name: 'transformer', ...change } as const;
    const { shape, layers } = planTraining(objective({ dataset: letters, network }));
    expect(shape).toMatchObject({ parameters, multiplyAdds, output: [8] });
    expect(shape.layers[0]).toMatchObject({ name: 'embed', input: [16], output: [16, 1, network.channels ?? 32] });
    expect(layers.filter(({ type }) => type === 'activation').map(({ name }) => name)[0]).toBe('relu1');
    expect(problems({ dataset: letters, network })).toEqual([]);
  });

  it('counts what attention keeps for the backward pass', () => {
    const { shape } = planTraining(objective({ dataset: letters, network: { name: 'transformer', blocks: 1 } }));
    // Queries, keys, values and their means have 32 channels at 16 places; 4 heads have 16 × 16 weights.
    expect(shape.layers.find(({ type }) => type === 'attention')!.kept).toBe(4 * 32 * 16 + 4 * 16 ** 2);
    expect(shape.activations).toBe(
      shape.layers.reduce((sum, { output, kept }) => sum + kept + output.reduce((a, b) => a * b), 0),
    );
  });

  it('symmetric padding adds half a kernel on every side', () => {
    const at = (kernel: number, stride: number) =>
      planTraining(objective(layers(conv({ kernel, stride, padding: 'symmetric' }), fc))).shape.layers[0]!.output;
    expect([at(3, 1), at(3, 2), at(4, 2), at(2, 1)].map(([side]) => side)).toEqual([28, 14, 15, 29]);
  });

  it('the multi-layer perceptron has no biases', () => {
    const { layers } = planTraining(objective({ network: { name: 'mlp' } }));
    expect(layers.map(({ name }) => name)).toEqual(['fc1', 'relu1', 'fc2', 'relu2', 'fc3']);
    expect(layers.every((layer) => layer.type !== 'dense' || !layer.bias)).toBe(true);
  });

  it('width multiplies filters', () => {
    const { shape } = planTraining(objective({ dataset: cifar, network: { name: 'simplenet', width: 0.25 } }));
    expect(shape.layers.filter(({ type }) => type === 'conv').map(({ output }) => output[2])).toEqual([
      16, 32, 32, 32, 32, 32, 64, 64, 64, 128, 512, 64, 64,
    ]);
  });

  it('pooling in SimpleNet rounds up, so that it accepts MNIST', () => {
    expect(problems({ network: { name: 'simplenet' } })).toEqual([]);
  });

  it('counts steps of whole batches', () => {
    expect(planTraining(objective({ dataset: { name: 'mnist', train: 1050 }, epochs: 3 }))).toMatchObject({
      stepsPerEpoch: 10,
      steps: 30,
    });
  });
});

const fc = { type: 'dense', name: 'fc', units: 10 } as const;
const conv = (more: object = {}) => ({ type: 'conv', name: 'conv', filters: 4, ...more }) as const;
const embedding = (vocabulary: number) => ({ type: 'embedding', name: 'embed', vocabulary, channels: 4 }) as const;
const layers = (...list: object[]) => ({ network: { layers: list as never } });

it('takes a replacement that several layers share, and names the layer that cannot have it', () => {
  const shared = (layer: string[]) => problems({ backward: [{ layer, derivative: { kind: 'silu' } }] });
  expect(shared(['relu1', 'relu2'])).toEqual([]);
  expect(shared(['relu1', 'relu1'])).toEqual(['backward.0.layer.1: relu1 is replaced twice']);
  expect(shared(['relu1', 'fc'])).toEqual([expect.stringMatching(/^backward\.0\.layer\.1: fc is a dense layer/)]);
});

it('tries a formula with a context at several contexts', () => {
  const formula = (text: string) =>
    problems({ backward: [{ layer: 'relu1', derivative: { kind: 'expression', formula: text } }] });
  expect(formula('(1 + t) / (1 + abs((z - m) / s))^2 * tanh(d / ds)')).toEqual([]);
  expect(formula('z / t')).toEqual([expect.stringContaining('g(z) is not finite at z = -20, t = 0; use max')]);
  expect(formula('log(d + 0.05)')[0]).toContain('not finite at z = -20, d = -0.1');
});

it.each([
  [{ bases: ['relu', 'nope'] }, /^backward\.0\.derivative\.bases\.1: is neither .*unknown name nope/],
  [{ bases: ['1 / z'] }, /^backward\.0\.derivative\.bases\.0: is not finite at z = 0/],
  [{ bases: ['relu'], coefficients: { c: [1, 2] } }, /^backward\.0\.derivative\.coefficients\.c: takes 1 number/],
  [
    { bases: ['relu'], coefficients: { c: [1], e: [1] } },
    /^backward\.0\.derivative\.coefficients: e belongs to byDepth/,
  ],
  [
    { bases: ['relu'], byDepth: true, coefficients: { c: [1] } },
    /^backward\.0\.derivative\.coefficients: e is missing/,
  ],
])('refuses the dictionary %j', (change, message) => {
  const derivative = { kind: 'dictionary' as const, ...change };
  expect(problems({ backward: [{ layer: 'relu1', derivative }] })).toEqual([expect.stringMatching(message)]);
});

it('takes a b-function for binary weights, also of the first layer', () => {
  const network = layers(conv({ weights: 'binary' }), fc);
  expect(problems({ ...network, backward: [{ layer: 'conv', derivative: { kind: 'silu' } }] })).toEqual([]);
});

it('a result can hold the loss curve of the largest number of steps', () => {
  const curve = encodeCurve(new Float32Array(LONGEST_CURVE));
  expect(
    problems({
      dataset: { name: 'two-gaussians', train: 375_000, validation: 0 },
      network: { name: 'mlp' },
      batchSize: 1,
      epochs: 2,
    }),
  ).toEqual([]);
  expect(trialResultSchema.parse({ outcome: 'complete', value: 0, curve }).curve).toBe(curve);
});

describe('names the position of each problem of an objective', () => {
  it.each<[string, Partial<Input>, RegExp]>([
    ['dilation', layers(conv({ dilation: 2 }), fc), /^network\.layers\.0\.dilation: .*larger kernel/],
    [
      'a window larger than the image',
      layers(conv({ kernel: 15, padding: 'valid' }), { ...conv({ kernel: 15, padding: 'valid' }), name: 'second' }, fc),
      /^network\.layers\.1: second: .*does not fit into 14×14/,
    ],
    [
      'images after a dense layer',
      layers({ type: 'dense', name: 'first', units: 4 }, conv(), fc),
      /^network\.layers\.1: conv: .*before the first dense layer/,
    ],
    [
      'average pool with padding',
      layers({ type: 'pool', name: 'p', kind: 'average', size: 3, stride: 2, padding: 'same' }, fc),
      /^network\.layers\.0: p: an average pool with padding/,
    ],
    [
      'two layers of one name',
      layers(conv(), conv(), fc),
      /^network\.layers\.1\.name: another layer has the name conv/,
    ],
    [
      'no logits at the end',
      layers(conv(), fc, { type: 'activation', name: 'end' }),
      /^network\.layers\.2: the last layer must be dense with 10 units/,
    ],
    ['the wrong number of classes', layers({ ...fc, units: 3 }), /^network\.layers\.0: .*10 units/],
    [
      'too many operations',
      {
        ...layers(conv({ filters: 2000, kernel: 15 }), { ...conv({ filters: 400, kernel: 15 }), name: 'second' }, fc),
        batchSize: 1,
      },
      /^network: needs 2\.8e\+11 floating-point operations an example; 1e\+11 is the limit/,
    ],
    [
      'networks of several seeds that fill the memory together',
      { dataset: { name: 'mnist' }, network: { name: 'mlp', hidden: [8000, 2000] }, seedsPerTrial: 10 },
      /^seedsPerTrial: 10 networks have \d+ parameters, .*; 200000000 is the limit/,
    ],
    [
      'a batch that fills the memory',
      { dataset: { name: 'cifar10' }, network: { name: 'simplenet' }, batchSize: 50_000 },
      /^batchSize: a step would keep/,
    ],
    [
      'a convolution on vectors',
      { dataset: { name: 'two-gaussians' }, network: { name: 'lenet' }, batchSize: 10 },
      /^network: conv1: .*takes images/,
    ],
    [
      'the output of a later layer',
      layers({ ...conv(), input: 'fc' }, fc),
      /^network\.layers\.0: conv: takes the output of fc, which is no earlier layer$/,
    ],
    [
      'an output that nothing takes',
      layers(conv(), { ...conv(), name: 'side' }, { ...fc, input: 'conv' }),
      /^network\.layers\.1: side: no layer takes its output/,
    ],
    [
      'a sum of different shapes',
      layers(
        conv(),
        { ...conv(), name: 'half', stride: 2 },
        { type: 'add', name: 'sum', inputs: ['conv', 'half'] },
        fc,
      ),
      /^network\.layers\.2: sum: joins conv \(28×28×4\) and half \(14×14×4\), which must be equal$/,
    ],
    [
      'a shortcut with fewer filters',
      layers(conv(), { type: 'shortcut', name: 'short', filters: 3 }, fc),
      /^network\.layers\.1: short: has 3 filters, fewer than the 4 channels/,
    ],
    [
      'a b-function on a path without weights',
      {
        ...layers(
          { type: 'pool', name: 'small' },
          conv(),
          { type: 'activation', name: 'act', input: 'small' },
          { type: 'concat', name: 'both', inputs: ['conv', 'act'] },
          fc,
        ),
        backward: [{ layer: 'act', derivative: { kind: 'silu' } }],
      },
      /^backward\.0\.layer: no layer with weights that learns lies below act/,
    ],
    [
      'heads that do not divide the channels of a named network',
      { dataset: letters, network: { name: 'transformer', heads: 5 } },
      /^network: attention1: 32 channels come in, which 5 heads do not divide; change one of them$/,
    ],
    [
      'heads that do not divide the channels of an image',
      layers(conv({ filters: 6 }), { type: 'attention', name: 'attention' }, fc),
      /^network\.layers\.1: attention: 6 channels come in, which 4 heads do not divide/,
    ],
    [
      'attention to a vector',
      layers({ type: 'dense', name: 'first', units: 8 }, { type: 'attention', name: 'attention' }, fc),
      /^network\.layers\.1: attention: the attention layer takes a sequence or an image, but a vector comes in; place/,
    ],
    [
      'positions of a vector',
      { dataset: letters, ...layers({ type: 'position', name: 'position' }, { ...fc, units: 8 }) },
      /^network\.layers\.0: position: the position layer takes a sequence or an image/,
    ],
    [
      'an embedding of images',
      { network: { name: 'transformer' } },
      /^network: embed: the embedding layer takes a list of tokens, but 28×28×1 comes in; make it the first layer/,
    ],
    [
      'an embedding of coordinates',
      { dataset: { name: 'two-gaussians' }, network: { name: 'transformer' } },
      /^network: embed: an embedding takes tokens, and the examples of two-gaussians are numbers; use a dense layer$/,
    ],
    [
      'an embedding with too few tokens',
      { dataset: letters, ...layers(embedding(8), { ...fc, units: 8 }) },
      /^network\.layers\.0: embed: has no vector for the tokens from 8 to 8 of marked-letter; set vocabulary to 9$/,
    ],
    [
      'an embedding of the output of another layer',
      {
        dataset: letters,
        ...layers({ type: 'dense', name: 'first', units: 3 }, embedding(9), { ...fc, units: 8 }),
      },
      /^network\.layers\.1: embed: an embedding takes tokens; make it the first layer$/,
    ],
    [
      'attention to so many places that its weights fill the memory',
      { ...layers(conv(), { type: 'attention', name: 'attention' }, fc), batchSize: 2000 },
      /^batchSize: a step would keep 18 GiB of activations/,
    ],
    [
      'a transpose on attention',
      {
        dataset: letters,
        network: { name: 'transformer' },
        backward: [{ layer: 'attention1', transpose: { kind: 'sign-symmetry' } }],
      },
      /^backward\.0\.layer: attention1 is an attention layer, but transpose/,
    ],
    [
      'levels of another activation',
      { network: { name: 'mlp', levels: 3 } },
      /^network\.levels: belongs to the activation quantize, and relu1 is relu; leave it out$/,
    ],
    [
      'a b-function for the binary weights of a frozen layer',
      {
        ...layers(conv(), { ...conv({ weights: 'binary' }), name: 'second' }, fc),
        frozen: ['second'],
        backward: [{ layer: 'second', derivative: { kind: 'silu' } }],
      },
      /^backward\.0\.layer: second is frozen: no gradient reaches its weights/,
    ],
    [
      'an unknown layer',
      { backward: [{ layer: 'relu9', derivative: { kind: 'silu' } }] },
      /^backward\.0\.layer: the network has no layer relu9; it has relu1, relu2/,
    ],
    [
      'a b-function on a convolution',
      { backward: [{ layer: 'conv1', derivative: { kind: 'silu' } }] },
      /^backward\.0\.layer: conv1 is a conv layer/,
    ],
    [
      'a transpose on an activation',
      { backward: [{ layer: 'relu1', transpose: { kind: 'sign-symmetry' } }] },
      /^backward\.0\.layer: relu1 is an activation layer, but transpose/,
    ],
    [
      'a transpose below which nothing learns',
      { backward: [{ layer: 'conv1', transpose: { kind: 'sign-symmetry' } }] },
      /^backward\.0\.layer: conv1 is the first layer with weights/,
    ],
    [
      'a transpose on a frozen layer below which nothing learns',
      { frozen: ['conv1', 'bn1'], backward: [{ layer: 'conv1', transpose: { kind: 'sign-symmetry' } }] },
      /^backward\.0\.layer: conv1 lies before conv2, the first layer with weights that learns.*frozen/,
    ],
    [
      'a transpose just above what is frozen',
      { frozen: ['conv1', 'bn1'], backward: [{ layer: 'conv2', transpose: { kind: 'sign-symmetry' } }] },
      /^backward\.0\.layer: conv2 is the first layer with weights that learns/,
    ],
    [
      'a b-function below which nothing learns',
      { frozen: ['conv1', 'bn1'], backward: [{ layer: 'relu1', derivative: { kind: 'silu' } }] },
      /^backward\.0\.layer: relu1 lies before conv2, the first layer with weights that learns.*frozen/,
    ],
    [
      'a b-function before all weights',
      {
        ...layers({ type: 'activation', name: 'start' }, fc),
        backward: [{ layer: 'start', derivative: { kind: 'silu' } }],
      },
      /^backward\.0\.layer: start lies before fc, /,
    ],
    [
      'a b-function where nothing learns',
      {
        ...layers(conv(), { type: 'activation', name: 'act' }, fc),
        frozen: ['conv', 'fc'],
        backward: [{ layer: 'act', derivative: { kind: 'silu' } }],
      },
      /^backward\.0\.layer: every layer with weights is frozen/,
    ],
    [
      'a frozen layer without weights',
      { frozen: ['relu1'] },
      /^frozen\.0: relu1 is an activation layer and has no weights/,
    ],
    [
      'two replacements of one layer',
      {
        backward: [
          { layer: 'relu1', derivative: { kind: 'silu' } },
          { layer: 'relu1', derivative: { kind: 'elu' } },
        ],
      },
      /^backward\.1\.layer: relu1 is replaced twice/,
    ],
    ['neither derivative nor transpose', { backward: [{ layer: 'relu1' }] }, /^backward\.0: takes one of/],
    [
      'an infinite b-function',
      { backward: [{ layer: 'relu1', derivative: { kind: 'expression', formula: '1 / z' } }] },
      /^backward\.0\.derivative\.formula: g\(z\) is not finite at z = 0/,
    ],
    [
      'a parameter that the formula lacks',
      {
        backward: [
          { layer: 'relu1', derivative: { kind: 'expression', formula: 'a * tanh(z)', parameters: { a: 1, tanh: 2 } } },
        ],
      },
      /^backward\.0\.derivative\.parameters\.tanh: the formula has no tanh/,
    ],
    [
      'a parameter called as the input is',
      { backward: [{ layer: 'relu1', derivative: { kind: 'expression', formula: 'z', parameters: { z: 1 } } }] },
      /^backward\.0\.derivative\.parameters\.z: z is reserved in formulas/,
    ],
    [
      'a formula that is none',
      { backward: [{ layer: 'relu1', derivative: { kind: 'expression', formula: '1 +' } }] },
      /^backward\.0\.derivative\.formula: expected a value/,
    ],
    [
      'too few meta-weights',
      {
        backward: [
          {
            layer: 'relu1',
            derivative: { kind: 'meta-network', hidden: 2, weights: { u: [1], b: [1, 2], v: [1, 2], d: 0 } },
          },
        ],
      },
      /^backward\.0\.derivative\.weights\.u: takes 2 number/,
    ],
    [
      'meta-weights without biases',
      { backward: [{ layer: 'relu1', derivative: { kind: 'meta-network', weights: { u: [1], v: [1] } } }] },
      /^backward\.0\.derivative\.weights: b and d are missing/,
    ],
    ['a frozen layer that is not there', { frozen: ['fc9'] }, /^frozen\.0: the network has no layer fc9/],
    [
      'more steps than a loss curve holds',
      {
        dataset: { name: 'two-gaussians', train: 375_001, validation: 0 },
        network: { name: 'mlp' },
        batchSize: 1,
        epochs: 2,
      },
      /^epochs: makes 750002 steps, .*; 750000 is the limit/,
    ],
    ['a batch larger than the data', { dataset: { name: 'mnist', train: 50 } }, /^batchSize: is larger than the 50/],
    [
      'validation without examples',
      { dataset: { name: 'mnist', validation: 0 }, metric: 'validation-loss' },
      /^dataset\.validation: the metric validation-loss needs/,
    ],
  ])('%s', (_what, change, expected) => {
    const found = problems(change);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  it('accepts parameters that have an effect', () => {
    expect(
      problems({
        frozen: ['conv1'],
        backward: [
          { layer: 'relu1', derivative: { kind: 'silu' } },
          { layer: 'conv2', transpose: { kind: 'sign-symmetry' } },
        ],
      }),
    ).toEqual([]);
    // Batch norm in front of the first convolution learns too, from the error that passes the convolution.
    expect(
      problems({
        ...layers({ type: 'batch-norm', name: 'bn' }, conv(), fc),
        backward: [{ layer: 'conv', transpose: { kind: 'sign-symmetry' } }],
      }),
    ).toEqual([]);
  });

  it('refuses 10¹² operations by every measure', () => {
    const found = problems(
      layers(conv({ filters: 20_000, kernel: 1 }), { ...conv({ filters: 40_000, kernel: 1 }), name: 'second' }, fc),
    );
    expect(found[0]).toMatch(/^network: needs 1\.3e\+12/);
    expect(found).toHaveLength(3);
  });

  it.each<[object, string]>([
    [{ epochs: 0 }, 'epochs'],
    [{ batchSize: 1.5 }, 'batchSize'],
    [{ seed: -1 }, 'seed'],
    [{ metric: 'loss' }, 'metric'],
    [{ backend: 'gpu' }, 'backend'],
    [{ extra: 1 }, ''],
    [{ dataset: { name: 'mnist', train: 60_001 } }, 'dataset.train'],
    [{ dataset: { name: 'imagenet' } }, 'dataset.name'],
    [{ optimizer: { name: 'sgd', learningRate: Number.NaN } }, 'optimizer.learningRate'],
    [{ optimizer: { name: 'sgd', beta1: 0.9 } }, 'optimizer'],
    [{ network: { name: 'simplenet', width: 0 } }, 'network.width'],
    [{ network: { layers: [{ ...fc, units: 0 }] } }, 'network.layers.0.units'],
    [{ backward: [{ layer: 'a.b', derivative: { kind: 'silu' } }] }, 'backward.0.layer'],
    [{ backward: [{ layer: 'relu1', derivative: { kind: 'silu', alpha: 1 } }] }, 'backward.0.derivative'],
  ])('%j is refused by the schema', (change, path) => {
    const result = trainingObjectiveSchema.safeParse({ kind: 'training', ...base, ...change });
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});
