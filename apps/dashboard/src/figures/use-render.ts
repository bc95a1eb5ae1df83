import { useEffect, useState } from 'react';

export type Render = typeof import('@gradsmith/charts/render');

/** Loads the code that draws figures, which is large, with the first of them; null until it is there. */
export function useRender(): Render | null {
  const [render, setRender] = useState<Render | null>(null);
  useEffect(() => {
    let isOpen = true;
    void loadRender().then((loaded) => isOpen && setRender(loaded));
    return () => {
      isOpen = false;
    };
  }, []);
  return render;
}

export function loadRender(): Promise<Render> {
  return import('@gradsmith/charts/render');
}
