import { suggestPoint } from '@gradsmith/bayesopt';
import type { TrialResult } from '../../src/domain/index.ts';
import { completeTrial, type AttemptRef } from '../../src/trials/index.ts';
import { World } from './world.ts';

/** A world whose worker offers the module `m`, with the real optimizer. */
export class ModuleWorld extends World {
  override suggest = suggestPoint;

  constructor() {
    super();
    this.workers = [{ id: 'w', name: 'w', runtime: 'module-m', backend: 'm', slots: 4, busy: [] }];
  }

  /** Works until nothing is left; `measure` returns the value and the metrics of a trial. */
  async finish(id: string, measure: (number: number) => Pick<TrialResult, 'value' | 'metrics'>): Promise<void> {
    for (;;) {
      await this.round();
      const refs = await this.startTrials(id);
      if (!refs.length) return;
      for (const ref of refs)
        await completeTrial(this.ledger, ref, {
          outcome: 'complete',
          curve: '',
          provenance: {},
          ...measure(Number(ref.trialId)),
        });
    }
  }

  override async startTrials(jobId: string): Promise<AttemptRef[]> {
    return super.startTrials(jobId, 'module-m');
  }
}
