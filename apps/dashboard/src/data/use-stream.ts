import type { EventOptions } from '@gradsmith/client';
import { useDocumentVisibility } from '@mantine/hooks';
import { useEffect, useEffectEvent, useState } from 'react';
import { useKeyVersion } from '../app/context.ts';

/**
 * Follows a stream of events while the page is visible. Whoever calls it polls while it is not connected.
 *
 * @param name what is followed; null: nothing
 * @returns whether the stream is connected
 */
export function useStream<E>(
  name: string | null,
  open: (options: EventOptions) => AsyncIterable<E>,
  onEvent: (event: E) => void,
): boolean {
  const [isConnected, setConnected] = useState(false);
  const isVisible = useDocumentVisibility() !== 'hidden';
  const keyVersion = useKeyVersion();
  const follow = useEffectEvent(async (signal: AbortSignal): Promise<void> => {
    const onConnection = (connected: boolean): void => {
      if (!signal.aborted) setConnected(connected);
    };
    for await (const event of open({ signal, onConnection })) receive(event);
  });
  const receive = useEffectEvent(onEvent);
  useEffect(() => {
    if (name === null || !isVisible) return undefined;
    const stop = new AbortController();
    // A stream that ends for good, for example because it is refused, leaves the page to its polling, which says why.
    follow(stop.signal)
      .catch(() => {})
      .finally(() => !stop.signal.aborted && setConnected(false));
    return () => {
      stop.abort();
      setConnected(false);
    };
  }, [name, isVisible, keyVersion]);
  return isConnected;
}
