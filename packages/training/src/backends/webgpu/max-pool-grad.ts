import {
  backend_util,
  util,
  type KernelFunc,
  type MaxPoolGradAttrs,
  type MaxPoolGradInputs,
} from '@tensorflow/tfjs-core';
import type { Program, WebgpuBackend } from './package.ts';

const WORKGROUP = 64;

/**
 * One invocation per input value. It sums the dy of every window whose first maximum the value is. It writes only its
 * own output, so the order of additions is fixed.
 */
const SHADER = `
fn main(index : i32) {
  if (index >= uniforms.size) { return; }
  let place = getCoordsFromIndex(index);
  let value = getX(place[0], place[1], place[2], place[3]);
  var sum = 0.0;
  // Windows that contain this position start at most filter − 1 before it.
  let low = max(vec2<i32>(0), (place.yz + uniforms.pads - uniforms.filterDims + uniforms.strides) / uniforms.strides);
  let high = min(uniforms.windows - 1, (place.yz + uniforms.pads) / uniforms.strides);
  for (var i = low.x; i <= high.x; i++) {
    for (var j = low.y; j <= high.y; j++) {
      let start = vec2<i32>(i, j) * uniforms.strides - uniforms.pads;
      let first = max(vec2<i32>(0), start);
      let end = min(uniforms.image, start + uniforms.filterDims);
      var mine = true;
      for (var r = first.x; r < end.x && mine; r++) {
        for (var c = first.y; c < end.y; c++) {
          let other = getX(place[0], r, c, place[3]);
          let earlier = r < place[1] || (r == place[1] && c < place[2]);
          if (other > value || (earlier && other == value)) { mine = false; }
        }
      }
      if (mine) { sum += getDy(place[0], i, j, place[3]); }
    }
  }
  setOutputAtIndex(index, sum);
}
`;

/**
 * The gradient of max pooling. The backend's kernel gives ties to the last maximum of a window. This one gives them to
 * the first, like the cpu backend and TensorFlow.
 */
export const maxPoolGrad: KernelFunc = ({ inputs, attrs, backend }) => {
  const { dy, input: x } = inputs as MaxPoolGradInputs;
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as MaxPoolGradAttrs;
  const pool = backend_util.computePool2DInfo(
    x!.shape as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const program: Program = {
    variableNames: ['dy', 'x'],
    uniforms: 'strides : vec2<i32>, pads : vec2<i32>, filterDims : vec2<i32>, windows : vec2<i32>, image : vec2<i32>',
    workgroupSize: [WORKGROUP, 1, 1],
    outputShape: x!.shape,
    dispatchLayout: { x: x!.shape.map((_, axis) => axis) },
    dispatch: [Math.ceil(util.sizeFromShape(x!.shape) / WORKGROUP), 1, 1],
    size: true,
    shaderKey: 'gradsmithMaxPoolGrad',
    getUserCode: () => SHADER,
  };
  const pairs = [
    [pool.strideHeight, pool.strideWidth],
    [pool.padInfo.top, pool.padInfo.left],
    [pool.filterHeight, pool.filterWidth],
    [pool.outHeight, pool.outWidth],
    [pool.inHeight, pool.inWidth],
  ];
  return (backend as WebgpuBackend).runWebGPUProgram(
    program,
    [dy!, x!],
    'float32',
    pairs.map((data) => ({ type: 'int32', data })),
  );
};
