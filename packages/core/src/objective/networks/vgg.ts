import { type ActivationLayer, type Layer, layerSchema } from './layers.ts';

/** The settings of a VGG network in a job file. */
interface Vgg {
  readonly depth: 11 | 16;
  readonly width: number;
  readonly activation: ActivationLayer['function'];
  readonly levels?: number | undefined;
}

/** Filters of the convolutions of each block; a max pool follows each block. */
const BLOCKS = {
  11: [[64], [128], [256, 256], [512, 512], [512, 512]],
  16: [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ],
} as const;

/**
 * The convolutions of VGG-11 and VGG-16 (Simonyan and Zisserman 2015, configurations A and D) with batch norm, and one
 * dense layer instead of three, as is usual for CIFAR-10: 9,231,114 and 14,728,266 parameters.
 */
export function vgg({ depth, width, activation, levels }: Vgg, classes: number): Layer[] {
  let convolutions = 0;
  const layers = BLOCKS[depth].flatMap((filters, block) => [
    ...filters.flatMap((count) => {
      const number = ++convolutions;
      return [
        { type: 'conv', name: `conv${number}`, filters: Math.max(1, Math.round(count * width)) },
        { type: 'batch-norm', name: `bn${number}`, momentum: 0.9 },
        { type: 'activation', name: `relu${number}`, function: activation, levels },
      ];
    }),
    { type: 'pool', name: `pool${block + 1}`, padding: 'same' },
  ]);
  return [...layers, { type: 'dense', name: 'fc', units: classes }].map((layer) => layerSchema.parse(layer));
}
