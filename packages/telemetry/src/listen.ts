import { GradsmithError } from '@gradsmith/core/domain';

/** Where a server listens, and the environment variables that say so. */
export interface ListenAddress {
  host: string;
  port: number;
  hostVariable: string;
  portVariable: string;
}

/** Waits until a server listens. If its address cannot be used, the error names the address and the variable to set. */
export async function listenAt<T>(address: ListenAddress, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const problem = describeProblem((error as NodeJS.ErrnoException).code, address);
    throw problem === null ? error : new GradsmithError(problem, 'address-unavailable', { cause: error });
  }
}

function describeProblem(code: string | undefined, address: ListenAddress): string | null {
  const { host, port, hostVariable, portVariable } = address;
  if (code === 'EADDRINUSE')
    return `port ${port} of ${host} is in use by another process; stop it, or set ${portVariable} to another port`;
  if (code === 'EACCES')
    return `port ${port} of ${host} may not be used by this user; set ${portVariable} to another port, such as 8080`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine; correct ${hostVariable}`;
  return null;
}
