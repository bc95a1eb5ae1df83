import type { LedgerStore } from '@gradsmith/core/ledger';
import { afterEach, beforeEach, describe } from 'vitest';
import type { StoreBacking } from '../conformance/store/bench.ts';
import { clientOperations } from './client-operations.ts';
import { coordinatorOperations } from './coordinator-operations.ts';
import { executorAnswers } from './executor-answers.ts';
import { executorEnds } from './executor-ends.ts';
import { externalOperations } from './external-operations.ts';
import { testJobEdits } from './job-edits.ts';
import { testIdempotencyKeys } from './job-ids.ts';
import { testProgressReports } from './progress-reports.ts';
import { testRivals } from './rivals.ts';
import type { Stage } from './stage.ts';
import { version1Records } from './version-1.ts';

/** Tests the trial protocol with all refusals and repeated calls on a store. `make` creates an empty one. */
export function ledgerConformance(name: string, make: () => Promise<StoreBacking>): void {
  describe(`${name}: ledger`, () => {
    let backing: StoreBacking;
    let opened: LedgerStore[] = [];
    const open = async (): Promise<LedgerStore> => {
      const store = await backing.open();
      opened.push(store);
      return store;
    };
    beforeEach(async () => {
      backing = await make();
      await open();
    });
    afterEach(async () => {
      await Promise.all(opened.map((store) => store.close()));
      opened = [];
      await backing.dispose();
    });
    const stage: Stage = {
      get store() {
        return opened[0]!;
      },
      open,
    };
    clientOperations(stage);
    coordinatorOperations(stage);
    executorAnswers(stage);
    executorEnds(stage);
    externalOperations(stage);
    testIdempotencyKeys(stage);
    testProgressReports(stage);
    testJobEdits(stage);
    testRivals(stage);
    version1Records(stage);
  });
}
