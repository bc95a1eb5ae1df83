/** An idempotency key and the caller that sent it. The same key of another caller stands for something else. */
export interface ScopedKey {
  key: string;
  /** Id of the caller's API key; null in a service without keys, where callers are not distinguished. */
  caller: string | null;
}

/** Returns the text under which the key is stored. Neither part contains a space. */
export function encodeScopedKey({ key, caller }: ScopedKey): string {
  return caller === null ? key : `${caller} ${key}`;
}

/** Returns the text under which a key is stored that the service chose. It starts with a space, so no client has it. */
export function encodeServiceKey(key: string): string {
  return ` ${key}`;
}
