import { NativeSelect, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { useRef, type MouseEvent, type ReactNode } from 'react';
import { NavLink } from 'react-router';
import { Messages } from './messages.tsx';

/** What all pages have around them: navigation, theme and messages. */
export function Shell({ children }: { readonly children: ReactNode }): React.JSX.Element {
  const main = useRef<HTMLElement>(null);
  const skip = (event: MouseEvent): void => {
    // The fragment of the address is the place in the page.
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <>
      <a className="skip" href="#content" onClick={skip}>
        Skip to the content
      </a>
      <header className="top">
        <NavLink className="brand" to="/" end>
          Gradsmith
        </NavLink>
        <nav aria-label="Pages">
          <NavLink to="/" end>
            Jobs
          </NavLink>
          <NavLink to="/new">New job</NavLink>
          <NavLink to="/workers">Workers</NavLink>
          <a href="docs">API</a>
        </nav>
        <ThemeSwitch />
      </header>
      <Messages />
      <main id="content" ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

const themes = [
  { value: 'auto', label: 'System theme' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

function ThemeSwitch(): React.JSX.Element {
  // Without transitions to keep, it would need an inline style sheet.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return (
    <NativeSelect
      aria-label="Theme"
      size="xs"
      data={themes}
      value={colorScheme}
      onChange={({ currentTarget }) => setColorScheme(currentTarget.value as MantineColorScheme)}
    />
  );
}
