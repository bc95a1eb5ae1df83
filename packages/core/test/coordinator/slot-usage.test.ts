import { describe, expect, test } from 'vitest';
import { SlotUsage } from '../../src/coordinator/slot-usage.ts';
import type { JobRecord } from '../../src/domain/job-record.ts';
import type { SlotLimit } from '../../src/domain/slot-limits.ts';
import type { TrialRecord } from '../../src/domain/trial-record.ts';
import { chooseQueues } from '../../src/jobs/index.ts';
import type { JobView } from '../../src/ledger/index.ts';
import type { WorkerInfo } from '../../src/ports/index.ts';
import { job as createSpec } from '../support/jobs.ts';
import { RUNTIME } from '../support/world.ts';

const createWorker = (slots: number, labels?: string[]): WorkerInfo => {
  const name = labels?.join('-') ?? 'plain';
  return { id: name, name, runtime: RUNTIME, backend: 'wasm', slots, busy: [], labels };
};

/** A running job with some open trials. */
function createView(id: string, open: string[], changes: object = {}, record: Partial<JobRecord> = {}): JobView {
  const job = { id, seq: 1, state: 'running', open, runtime: RUNTIME, ...record } as JobRecord;
  return { now: 0, job, spec: { ...createSpec(), ...changes }, lease: null, enqueued: [] };
}

/** Slots of jobs with the same workers. */
function createSlots(workers: WorkerInfo[], limits: SlotLimit[] = []) {
  const usage = new SlotUsage(limits);
  const views = new Map<string, JobView>();
  return {
    usage,
    set(view: JobView): void {
      views.set(view.job.id, view);
      usage.set(view, null, workers);
    },
    reserve: (jobId: string, wanted: number): string[] => {
      const { job, spec } = views.get(jobId)!;
      return usage.reserve({ jobId, queues: chooseQueues(job, spec, workers), wanted }, workers);
    },
    servable: (): string[] => usage.listServable(workers),
  };
}

describe('a job that other jobs compete with', () => {
  test('leaves free slots to a job that has fewer, until that one is looked at', () => {
    const slots = createSlots([createWorker(6)]);
    slots.set(createView('old', ['0', '1', '2', '3', '4', '5']));
    slots.set(createView('new', []));
    expect(slots.reserve('new', 9)).toEqual([]);
    slots.set(createView('old', ['0', '1', '2', '3', '4'], {}, { seq: 2 }));
    expect(slots.reserve('old', 1)).toEqual([]);
    expect(slots.servable()).toEqual(['new']);
    slots.set(createView('new', []));
    expect(slots.reserve('new', 9)).toHaveLength(1);
    expect(slots.servable()).toEqual([]);
  });

  test('gets slots although the other one wants some, if the other one has as many', () => {
    const slots = createSlots([createWorker(7)]);
    slots.set(createView('one', ['0', '1', '2']));
    slots.set(createView('two', ['0', '1', '2']));
    expect(slots.reserve('one', 2)).toHaveLength(1);
    expect(slots.reserve('two', 2)).toEqual([]);
  });

  test('waits as long as one with a higher priority wants a slot', () => {
    const slots = createSlots([createWorker(2)]);
    slots.set(createView('low', ['0', '1']));
    slots.set(createView('high', [], { priority: 1 }));
    expect(slots.reserve('high', 2)).toEqual([]);
    slots.set(createView('low', ['1'], {}, { seq: 2 }));
    expect(slots.reserve('low', 1)).toEqual([]);
    expect(slots.servable()).toEqual(['high']);
    // It was cancelled.
    slots.usage.delete('high');
    expect(slots.servable()).toEqual(['low']);
    expect(slots.reserve('low', 1)).toHaveLength(1);
  });

  test('gets no slot while one with a higher priority is being advanced, until that one withdraws', () => {
    const slots = createSlots([createWorker(2)]);
    slots.set(createView('low', ['0', '1']));
    slots.set(createView('high', [], { priority: 1 }));
    expect(slots.reserve('high', 2)).toEqual([]);
    slots.set(createView('low', ['1'], {}, { seq: 2 }));
    // Its next round has begun, and it has not asked yet.
    slots.set(createView('high', [], { priority: 1 }));
    expect(slots.reserve('low', 1)).toEqual([]);
    slots.usage.withdraw('high');
    expect(slots.reserve('low', 1)).toHaveLength(1);
  });

  test('gets the slots that a paused job wanted', () => {
    const slots = createSlots([createWorker(1)]);
    slots.set(createView('low', ['0']));
    slots.set(createView('high', [], { priority: 1 }));
    expect(slots.reserve('high', 2)).toEqual([]);
    slots.set(createView('low', [], {}, { seq: 2 }));
    slots.set(createView('high', [], { priority: 1 }, { state: 'paused', seq: 2 }));
    expect(slots.reserve('low', 1)).toHaveLength(1);
  });

  test('has the priority that it was given last, where that was read', () => {
    const slots = createSlots([createWorker(1)]);
    slots.set({ ...createView('edited', [], { priority: 5 }), details: { schema: 2, priority: 5 } });
    slots.set(createView('edited', []));
    slots.set(createView('other', ['0'], { priority: 1 }));
    expect(slots.reserve('edited', 1)).toEqual([]);
    slots.set(createView('other', [], { priority: 1 }, { seq: 2 }));
    expect(slots.reserve('other', 1)).toEqual([]);
  });
});

test('each job that can have a slot gets one at its next round, so no slot stays free', () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const limits: SlotLimit[] = [{ label: 'owner', value: null, slots: 4 }];
  for (let round = 0; round < 50; round++) {
    const slots = createSlots([createWorker(random(8)), createWorker(random(4), ['a100'])], limits);
    const views = Array.from({ length: 1 + random(8) }, (_, i): JobView => {
      const labels = random(2) ? { owner: String(random(2)) } : {};
      const workers = { labels: random(2) ? ['a100'] : [] };
      const open = Array.from({ length: random(3) }, (__, id) => String(id));
      return createView(`job${i}`, open, { priority: random(2), labels, workers });
    });
    const wanted = views.map(() => 1 + random(5));
    const look = (i: number): number => {
      const view = views[i]!;
      slots.set(view);
      const got = slots.reserve(view.job.id, wanted[i]!).length;
      slots.usage.release(view.job.id);
      view.job.open.push(...Array.from({ length: got }, () => crypto.randomUUID()));
      view.job.seq += 1;
      wanted[i]! -= got;
      slots.set(view);
      slots.reserve(view.job.id, wanted[i]!);
      return got;
    };
    for (const i of views.keys()) look(i);
    for (;;) {
      const [next] = slots.servable();
      if (next === undefined) break;
      expect(look(views.findIndex(({ job }) => job.id === next))).toBeGreaterThan(0);
    }
  }
});

describe('labels of workers', () => {
  test('keep a job from all workers without those that it asks for', () => {
    const slots = createSlots([createWorker(4), createWorker(2, ['a100']), createWorker(1, ['a100', 'big'])]);
    slots.set(createView('big', [], { workers: { labels: ['big'] } }));
    expect(slots.reserve('big', 4)).toEqual([`${RUNTIME} +a100,big`]);
    slots.set(createView('a100', [], { workers: { labels: ['a100'] } }));
    expect(slots.reserve('a100', 4)).toEqual([`${RUNTIME} +a100`, `${RUNTIME} +a100`]);
    slots.set(createView('none', [], { workers: { labels: ['h200'] } }));
    expect(slots.reserve('none', 4)).toEqual([]);
  });

  test('are used last by a job that asks for none', () => {
    const slots = createSlots([createWorker(2, ['a100']), createWorker(1)]);
    slots.set(createView('any', []));
    expect(slots.reserve('any', 2)).toEqual([RUNTIME, `${RUNTIME} +a100`]);
  });

  test('count a trial where its message was sent, or where it runs', () => {
    const workers = [createWorker(1), createWorker(1, ['a100'])];
    const slots = createSlots(workers);
    slots.set(createView('job', []));
    slots.usage.place({ id: 'job-0-0', jobId: 'job', trialId: '0', queue: `${RUNTIME} +a100` });
    slots.set(createView('job', ['0'], {}, { seq: 2 }));
    expect(slots.reserve('job', 2)).toEqual([RUNTIME]);
    // Another coordinator sent it.
    const usage = new SlotUsage();
    const running = { id: '0', state: 'running', notBefore: 0, attempts: [{ worker: 'a100' }] } as TrialRecord;
    usage.set(createView('job', ['0']), [running], workers);
    const request = { jobId: 'job', queues: [RUNTIME, `${RUNTIME} +a100`], wanted: 2 };
    expect(usage.reserve(request, workers)).toEqual([RUNTIME]);
  });
});

describe('a job with fewer changes than before', () => {
  const full = createView('job', ['0', '1'], {}, { seq: 9 });

  test('was read earlier, if that was at about the same time', () => {
    const slots = createSlots([createWorker(2)]);
    slots.set(full);
    slots.set({ ...createView('job', [], {}, { seq: 8 }), now: 1_999 });
    expect(slots.reserve('job', 2)).toEqual([]);
  });

  test.each([2_000, -3_600_000])(
    'has lost some otherwise, and uses the slots that it uses now (%i ms later)',
    (now) => {
      const slots = createSlots([createWorker(2)]);
      slots.set(full);
      slots.set({ ...createView('job', [], {}, { seq: 8 }), now });
      expect(slots.reserve('job', 2)).toHaveLength(2);
    },
  );
});

describe('limits of slots', () => {
  const limits: SlotLimit[] = [
    { label: 'owner', value: null, slots: 3 },
    { label: 'license', value: 'matlab', slots: 1 },
  ];
  const owned = (owner: string, license = 'none') => ({ labels: { owner, license } });

  test('hold for all jobs with the same value of a label together', () => {
    const slots = createSlots([createWorker(100)], limits);
    slots.set(createView('a1', ['0'], owned('ada')));
    slots.set(createView('a2', [], owned('ada')));
    slots.set(createView('b1', [], owned('bob')));
    slots.set(createView('free', []));
    expect(slots.reserve('a2', 9)).toHaveLength(2);
    expect(slots.reserve('a1', 9)).toHaveLength(0);
    expect(slots.reserve('b1', 9)).toHaveLength(3);
    expect(slots.reserve('free', 9)).toHaveLength(9);
    expect(slots.servable()).toEqual([]);
    slots.set(createView('a1', [], owned('ada'), { seq: 2 }));
    // Each could have the slot; the first that asks gets it.
    expect(slots.servable()).toEqual(['a2', 'a1']);
    expect(slots.reserve('a1', 1)).toHaveLength(1);
    expect(slots.servable()).toEqual([]);
  });

  test('do not let a job that has reached its limit keep slots from others', () => {
    const slots = createSlots([createWorker(4)], limits);
    slots.set(createView('limited', ['0'], { ...owned('ada', 'matlab'), priority: 9 }));
    slots.set(createView('other', []));
    expect(slots.reserve('limited', 5)).toEqual([]);
    expect(slots.reserve('other', 5)).toHaveLength(3);
  });
});
