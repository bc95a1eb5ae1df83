/** Vite includes such a file as text. */
declare module '*?raw' {
  const text: string;
  export default text;
}

/** Vite includes such a file as a data URL. */
declare module '*?inline' {
  const address: string;
  export default address;
}

declare module '*.css';
