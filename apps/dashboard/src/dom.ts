type Child = Node | string | null | undefined | false;

/** Attributes by name; `on…` with a function listens. `undefined`, `null` and `false` leave an attribute out. */
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>>;

/** Makes an element. Strings become text: nothing is ever parsed as HTML here. */
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

/** Shows a figure of the charts package, which escapes whatever it is given. An equal figure is left as it stands. */
export function showFigure(place: HTMLElement, svg: string): void {
  if (shown.get(place) === svg) return;
  shown.set(place, svg);
  place.innerHTML = svg;
}

/** Replaces text only where it has changed, so that a selection survives a refresh. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes the children of `parent` be one element for each item, in order: known ones are moved and updated, new ones
 * made, the others removed. Focus and scroll position stay where they are.
 */
export function updateChildren<T, E extends HTMLElement>(
  parent: HTMLElement,
  items: readonly T[],
  key: (item: T) => string,
  make: (item: T) => E,
  update: (element: E, item: T) => void,
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
