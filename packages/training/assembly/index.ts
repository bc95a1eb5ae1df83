// WebAssembly kernels that TensorFlow.js's wasm backend lacks, written in AssemblyScript (a typed subset of
// TypeScript that compiles to WebAssembly). They work in the backend's own memory: every pointer is a byte
// address there, every tensor is dense float32 in NHWC order. Build: pnpm --filter @gradsmith/training build:kernels
export { convFilterGradient, flipFilter, spread } from './convolution';
export { batchNorm, batchNormGradient, channelSums, reluGradient } from './normalization';
export { maxPoolGradient } from './pooling';
