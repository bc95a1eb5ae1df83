// Body of the thread that describes the model of a job.
import { measureModel } from '@gradsmith/core/trials';
import { serveCalls } from './serve-calls.ts';
import type { ModelInput } from './thread-model.ts';

serveCalls(({ spec, job, trials, pair }: ModelInput) => measureModel(spec, job, trials, pair));
