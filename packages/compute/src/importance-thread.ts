// Body of the thread that computes parameter importance.
import { measureImportance } from '@gradsmith/core/trials';
import { serveCalls } from './serve-calls.ts';
import type { ImportanceInput } from './thread-importance.ts';

serveCalls(({ spec, job, trials }: ImportanceInput) => measureImportance(spec, job, trials));
