import { trainingObjectiveSchema } from '@gradsmith/core/objective';
// Trains a small convolutional network on the given backend and prints the images per second.
import { getKernelOps, useBackend } from '../backends/index.ts';
import { brightHalves } from '../data/bright-halves.ts';
import { train } from '../engine/index.ts';
import { measureSchema } from './choose-backend.ts';
import { chooseOneDnnMode } from './choose-one-dnn-mode.ts';

const { backend: name, ...options } = measureSchema.parse(JSON.parse(process.argv[2] ?? 'null'));
const oneDnn = name === 'tensorflow' ? await chooseOneDnnMode(options.cacheDir) : undefined;
const backend = await useBackend(name, { ...options, oneDnn });

const objective = trainingObjectiveSchema.parse({
  kind: 'training',
  dataset: { name: 'mnist', train: 400, validation: 0 },
  network: { name: 'cnn', filters: [16, 32, 32] },
  optimizer: { name: 'sgd', learningRate: 0.01 },
  batchSize: 50,
  epochs: 1,
});
const data = brightHalves(objective.dataset.train);
const rates: number[] = [];
// The first run compiles and warms up. The fastest of the others is the least disturbed.
for (let run = 0; run < 5; run++) {
  const { metrics } = await train(objective, data, { backend, ops: getKernelOps(name) });
  if (run > 0) rates.push(metrics['imagesPerSecond']!);
}
console.log(Math.max(...rates));
// Dawn can keep a process from exiting.
process.exit();
