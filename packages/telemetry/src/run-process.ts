import { GradsmithError } from '@gradsmith/core/domain';

/**
 * Starts a process of the service. If it cannot start, the process exits with 1. A mistake of the operator, such as a
 * wrong environment variable or an unfit Redis, is printed as its message alone; any other error with its stack.
 *
 * @param name of the process, such as `api`
 */
export async function runProcess(name: string, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    const reason = error instanceof GradsmithError ? error.message : error;
    console.error(`gradsmith ${name} cannot start:`, reason);
    process.exit(1);
  }
}
