import type { Command } from 'commander';
import { addMove } from './change-job.ts';

export function addCancel(program: Command): void {
  addMove(program, 'cancel', {
    summary: 'end a job for good',
    description:
      'Cancels a job at once. Running trials are stopped, and their results are refused. Earlier results are kept.',
  });
}
