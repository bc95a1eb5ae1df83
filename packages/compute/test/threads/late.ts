// A thread for tests that needs long to start; then as `priority.ts`.
const end = performance.now() + 400;
while (performance.now() < end);
await import('./priority.ts');
