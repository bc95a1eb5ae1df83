import { isIP } from 'node:net';
import { GradsmithError } from '@gradsmith/core/domain';
import { type Log } from '@gradsmith/core/ports';
import { KeyRing } from './key-ring.ts';

/**
 * Who may use the service.
 *
 * - keys: whoever has a key of the key file, as far as its scopes go
 * - open: everybody who reaches it; only on a loopback address
 * - open-behind-proxy: everybody who reaches it, on any address: something in front of it decides who does
 */
export const authModes = ['keys', 'open', 'open-behind-proxy'] as const;
export type AuthMode = (typeof authModes)[number];

export interface Access {
  keys: KeyRing | null;
  /** The host names it answers under, beside those of the loopback; null: any. */
  hostNames: readonly string[] | null;
}

export interface AccessSettings {
  mode?: AuthMode;
  keysFile?: string;
  /** The address that is listened on. */
  host: string;
  /** Where no keys are asked for; unless given, loopback's own alone, and any behind a proxy. */
  hostNames?: readonly string[];
}

class UnsafeAccess extends GradsmithError {
  constructor(message: string) {
    super(message, 'unsafe-access');
  }
}

/** Decides at start. Throws where the service would be open to a network without anybody having said so. */
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
      `GRADSMITH_AUTH is ${chosen}, so the keys of GRADSMITH_KEYS_FILE would not be asked for; leave one of the two out`,
    );
  if (chosen === 'open' && !isLoopback(host)) {
    throw new UnsafeAccess(
      `refusing to start: ${host} can be reached from other machines and no keys are asked for. Set GRADSMITH_KEYS_FILE, or ` +
        'GRADSMITH_HOST=127.0.0.1, or GRADSMITH_AUTH=open-behind-proxy where something in front decides who gets through',
    );
  }
  log.warn(
    { host, mode: chosen },
    'OPEN: no keys are asked for, everybody who reaches this service can start, change and delete jobs',
  );
  return { keys: null, hostNames: hostNames ?? (chosen === 'open' ? [] : null) };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
