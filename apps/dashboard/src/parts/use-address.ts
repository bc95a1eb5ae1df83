import { useMemo } from 'react';
import { useSearchParams } from 'react-router';

/**
 * Keeps texts in the address, so that they can be shared and outlive a visit to another page. One with its usual value
 * is left out.
 *
 * @param usual the usual values by name, the same object in each call
 */
export function useAddress<Name extends string>(
  usual: Readonly<Record<Name, string>>,
): [texts: Readonly<Record<Name, string>>, change: (changes: Partial<Record<Name, string>>) => void] {
  const [params, setParams] = useSearchParams();
  const texts = useMemo(() => {
    const entries = Object.entries<string>(usual).map(([name, value]) => [name, params.get(name) ?? value]);
    return Object.fromEntries(entries) as Record<Name, string>;
  }, [usual, params]);
  const change = (changes: Partial<Record<Name, string>>): void =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries<string>({ ...texts, ...changes })) {
          if (value === usual[name as Name]) after.delete(name);
          else after.set(name, value);
        }
        return after;
      },
      { replace: true },
    );
  return [texts, change];
}
