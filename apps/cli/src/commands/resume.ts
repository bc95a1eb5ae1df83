import type { Command } from 'commander';
import { addMove } from './change-job.ts';

export function addResume(program: Command): void {
  addMove(program, 'resume', {
    summary: 'continue a paused job',
    description: 'Continues a paused job.',
  });
}
