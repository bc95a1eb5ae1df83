/**
 * The scopes of an API key: `read` reads, `write` creates and changes jobs and executes trials, `admin` also deletes.
 * Each scope includes the previous ones.
 */
export const scopes = ['read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export function allows(granted: readonly Scope[], needed: Scope): boolean {
  return granted.some((scope) => scopes.indexOf(scope) >= scopes.indexOf(needed));
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that a key needs for this route. Absent: anyone may call it. */
    scope?: Scope;
  }
}

/** For a route's `config`. */
export const reading = { scope: 'read' } as const;
export const writing = { scope: 'write' } as const;
export const administering = { scope: 'admin' } as const;
