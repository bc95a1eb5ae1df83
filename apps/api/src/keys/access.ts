import { isIP } from 'node:net';
import { GradsmithError } from '@gradsmith/core/domain';
import { type Log } from '@gradsmith/core/ports';
import { KeyRing } from './key-ring.ts';

/**
 * Who may use the service.
 *
 * - keys: whoever has a key of the key file, within its scopes
 * - open: everyone who reaches the service, which must listen on a loopback address
 * - open-behind-proxy: everyone who reaches the service, on any address; a proxy controls the access
 */
export const authModes = ['keys', 'open', 'open-behind-proxy'] as const;
export type AuthMode = (typeof authModes)[number];

export interface Access {
  keys: KeyRing | null;
  /** Host names of the service in addition to those of the loopback. Null: any. */
  hostNames: readonly string[] | null;
}

export interface AccessSettings {
  mode?: AuthMode;
  keysFile?: string;
  /** The address that the service listens on. */
  host: string;
  /** Used without keys. By default only those of the loopback, or any behind a proxy. */
  hostNames?: readonly string[];
}

class UnsafeAccess extends GradsmithError {
  constructor(message: string) {
    super(message, 'unsafe-access');
  }
}

/** Decides who may use the service. Throws if it would be open to a network without an explicit setting. */
export function decideAccess({ mode, keysFile, host, hostNames }: AccessSettings, log: Log): Access {
  const chosen = mode ?? (keysFile ? 'keys' : 'open');
  if (chosen === 'keys') {
    if (!keysFile)
      throw new UnsafeAccess(
        'GRADSMITH_AUTH is keys, but GRADSMITH_KEYS_FILE names no file; make-key makes a key and shows its entry',
      );
    return { keys: new KeyRing(keysFile, log), hostNames: null };
  }
  if (keysFile)
    throw new UnsafeAccess(
      `GRADSMITH_AUTH is ${chosen}, so the keys of GRADSMITH_KEYS_FILE would not be used; remove one of the two`,
    );
  if (chosen === 'open' && !isLoopback(host)) {
    throw new UnsafeAccess(
      `refusing to start: other machines can reach ${host} and no keys are required. Set GRADSMITH_KEYS_FILE, or ` +
        'GRADSMITH_HOST=127.0.0.1, or GRADSMITH_AUTH=open-behind-proxy if a proxy controls the access',
    );
  }
  log.warn(
    { host, mode: chosen },
    'OPEN: no keys are required; everyone who reaches this service can create, change and delete jobs',
  );
  return { keys: null, hostNames: hostNames ?? (chosen === 'open' ? [] : null) };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
