// Body of the thread that computes suggestions.
import { suggestPoint } from '@gradsmith/bayesopt';
import { serveCalls } from './serve-calls.ts';

serveCalls(suggestPoint);
