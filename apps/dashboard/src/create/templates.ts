/** Jobs to start from. Each is complete and valid. */
export const templates: readonly { readonly name: string; readonly text: string }[] = [
  {
    name: 'b-function on two Gaussians (seconds)',
    text: `# A b-function for one ReLU of a small network on two Gaussians: done within seconds.
name: two-gaussians
objective:
  kind: training
  dataset: { name: two-gaussians, train: 500, validation: 500 }
  network: { name: mlp }
  optimizer: { name: adam, learningRate: 0.1 }
  epochs: 5
  batchSize: 50
  backward:
    - { layer: relu2, derivative: { kind: meta-network, hidden: 1, activation: tanh } }
  metric: aulc
  seed: 1
search: { algorithm: gp, trials: 20, maxParallelism: 2, seed: 7 }
confirm: { top: 2, seeds: 5 }
`,
  },
  {
    name: 'b-function on MNIST (minutes)',
    text: `# A b-function for the second ReLU of a small convolutional network: a meta-network with one hidden neuron.
name: mnist-relu2
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
search: { algorithm: gp, trials: 40, maxParallelism: 4, initial: 8, seed: 7 }
confirm: { top: 3, seeds: 5 }
limits: { trialTimeout: 10m }
`,
  },
  {
    name: 'learning rate on MNIST, for comparison (minutes)',
    text: `# Plain backpropagation with a tuned learning rate. Compare a b-function with this.
name: mnist-learning-rate
objective:
  kind: training
  dataset: { name: mnist, train: 2000, validation: 500 }
  network: { name: cnn }
  optimizer: { name: adadelta, learningRate: 0.01 }
  epochs: 2
  batchSize: 50
  metric: aulc
  seed: 1
space:
  learningRate: { at: /optimizer/learningRate, type: float, low: 1.0e-3, high: 1, scale: log }
search: { algorithm: gp, trials: 20, maxParallelism: 4, initial: 5, seed: 7 }
confirm: { top: 1, seeds: 5 }
limits: { trialTimeout: 10m }
`,
  },
  {
    name: 'your own program (ask and tell)',
    text: `# Your program gets points and reports values: POST /v1/jobs/ID/ask, then /v1/jobs/ID/trials/N/tell.
name: my-program
objective:
  kind: external
  metric: { name: accuracy, direction: maximize }
space:
  depth: { type: int, low: 1, high: 30 }
  share: { type: float, low: 0.1, high: 1 }
  criterion: { type: categorical, choices: [gini, entropy] }
search: { algorithm: gp, trials: 50, maxParallelism: 4, seed: 7 }
`,
  },
];
