import type { Command } from 'commander';
import { addMove } from './change-job.ts';

export function addPause(program: Command): void {
  addMove(program, 'pause', {
    summary: 'start nothing new, let running trials finish',
    description: 'Pauses a running job: no further trial is started, and running trials finish.',
  });
}
