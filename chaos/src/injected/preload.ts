// Loaded into every process of a chaos run before its program (`node --import`). A module of a user runs in its own
// process, which nothing needs to change: loading this there would take longer than starting the process.
if (!process.argv[1]?.endsWith('/modules/module-child.ts')) await import('./change-modules.ts');
