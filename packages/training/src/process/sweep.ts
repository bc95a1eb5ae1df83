// Kills the processes of a module run as soon as the module's own process, which holds the other end of the standard
// input, is gone: `node sweep.ts RUN`. Only then can that process start no further ones.
import { killMarkedProcesses } from './kill-marked-processes.ts';

process.stdin.resume().once('close', () => killMarkedProcesses(process.argv[2]!));
