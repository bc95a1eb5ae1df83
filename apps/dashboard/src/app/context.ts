import type { Gradsmith } from '@gradsmith/client';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Session } from './session.ts';

export interface Service {
  readonly api: Gradsmith;
  readonly session: Session;
}

export const ServiceContext = createContext<Service | null>(null);

function useService(): Service {
  const service = useContext(ServiceContext);
  if (!service) throw new Error('the page has no service');
  return service;
}

export function useApi(): Gradsmith {
  return useService().api;
}

export function useSession(): Session {
  return useService().session;
}

/** Returns a number that grows when the user enters another key. */
export function useKeyVersion(): number {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.getVersion);
}
