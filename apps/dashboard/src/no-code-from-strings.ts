// The page's security policy forbids code made from strings, which zod would try for speed. Schemas read this setting
// when they are made, and chunks load in any order, so it is there before zod is. zod's `config()` would load zod here.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
