import { expect, onTestFinished, test, vi } from 'vitest';
import { ModuleProcess } from '../../src/modules/module-process.ts';

test('reports its exit although a process of another user remains in its group', async () => {
  const kill = process.kill.bind(process);
  const refused = vi.fn<() => void>();
  const spy = vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
    if (pid > 0) return kill(pid, signal);
    refused();
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  onTestFinished(() => spy.mockRestore());
  const started = new ModuleProcess(2 ** 32);
  kill(started.pid!, 'SIGTERM');
  expect(await started.exited).toMatchObject({ signal: 'SIGTERM' });
  expect(refused).toHaveBeenCalledOnce();
});
