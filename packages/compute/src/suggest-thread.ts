// Body of the thread that computes suggestions.
import { suggest } from '@gradsmith/bayesopt';
import { serveCalls } from './serve-calls.ts';

serveCalls(suggest);
