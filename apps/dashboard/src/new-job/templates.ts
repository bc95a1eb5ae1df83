import external from '../../../../examples/external.yaml?raw';
import learningRate from '../../../../examples/learning-rate.yaml?raw';
import mnist from '../../../../examples/meta-network-mnist.yaml?raw';
import transformer from '../../../../examples/transformer.yaml?raw';
import twoGaussians from '../../../../examples/two-gaussians.yaml?raw';

/** Jobs to start from. Each is complete and valid. */
export const templates: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'b-function on two Gaussians (seconds)', text: twoGaussians },
  { name: 'b-function on MNIST (minutes)', text: mnist },
  { name: 'b-function in a transformer (a minute)', text: transformer },
  { name: 'learning rate on MNIST, for comparison (minutes)', text: learningRate },
  { name: 'your own program (ask and tell)', text: external },
];
