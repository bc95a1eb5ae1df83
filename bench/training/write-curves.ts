// Writes the loss curves of PyTorch that tests of packages/training compare with:
//   node bench/training/write-curves.ts
import { writeFileSync } from 'node:fs';
import { createCurveData, CURVES, curvesFile } from '../../packages/training/test/engine/peer-curves.ts';
import { cacheFolder } from '../lib/python.ts';
import { TorchReference } from './peer-reference.ts';

const torch = new TorchReference();
const curves: Record<string, number[]> = {};
for (const [name, objective] of Object.entries(CURVES)) {
  const data = createCurveData(objective);
  const options = { cacheDir: cacheFolder(), threads: 2, precision: 'float64', data } as const;
  curves[name] = Array.from(await torch.losses(objective, options));
}
torch[Symbol.dispose]();
writeFileSync(curvesFile, `${JSON.stringify({ by: 'PyTorch 2.13.0, float64', curves }, null, 2)}\n`);
