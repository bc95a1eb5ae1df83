type Child = Node | string | null | undefined | false;

/** Attributes by name. A function under `on…` is a listener. `undefined`, `null` and `false` omit an attribute. */
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>>;

/** Creates an element. Strings become text and are never parsed as HTML. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value);
    else if (value !== undefined && value !== null && value !== false)
      element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(
    ...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false),
  );
  return element;
}

const shown = new WeakMap<HTMLElement, string>();

/** Shows a figure of the charts package, which escapes all its input. Does nothing if the figure is the same. */
export function showFigure(place: HTMLElement, svg: string): void {
  if (shown.get(place) === svg) return;
  shown.set(place, svg);
  place.innerHTML = svg;
}

/** Replaces the text only if it has changed, so that a selection survives a refresh. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export interface ChildBinding<T, E extends HTMLElement> {
  /** Returns a text that identifies the item. */
  key(item: T): string;
  make(item: T): E;
  update(element: E, item: T): void;
}

/**
 * Gives `parent` one child for each item, in order. Known children are moved and updated, new ones are made, and the
 * others are removed. Focus and scroll position stay.
 */
export function updateChildren<T, E extends HTMLElement>(
  parent: HTMLElement,
  items: readonly T[],
  { key, make, update }: ChildBinding<T, E>,
): void {
  const known = new Map(Array.from(parent.children, (child) => [(child as HTMLElement).dataset['key'], child as E]));
  const wanted = items.map((item) => {
    const id = key(item);
    const element = known.get(id) ?? make(item);
    element.dataset['key'] = id;
    update(element, item);
    return element;
  });
  const kept = new Set<Element>(wanted);
  for (const child of Array.from(parent.children)) if (!kept.has(child)) child.remove();
  wanted.forEach((element, i) => {
    if (parent.children[i] !== element) parent.insertBefore(element, parent.children[i] ?? null);
  });
}
