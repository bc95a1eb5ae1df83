import { getModeLabel, type OneDnnMode } from '../backends/tensorflow/one-dnn.ts';

/**
 * Simulates for tests a processor on which oneDNN divides by zero in its default mode. GRADSMITH_TEST_KILL_ONEDNN=1
 * ends the probe of every layer kind and each training by SIGFPE; with the value `networks`, only the networks of
 * jobs.
 */
export function killInDefaultMode(mode: OneDnnMode, what: 'layers' | 'networks'): void {
  // oxlint-disable-next-line node/no-process-env -- set by tests
  const killed = process.env['GRADSMITH_TEST_KILL_ONEDNN'];
  if (!killed || getModeLabel(mode) !== undefined) return;
  if (killed === '1' || killed === what) process.kill(process.pid, 'SIGFPE');
}
