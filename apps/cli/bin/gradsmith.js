#!/usr/bin/env node
// Plain JavaScript, so that an old Node says what is wrong instead of failing at the first type.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `gradsmith: Node 24 or newer is needed, and this is Node ${process.versions.node}. In a checkout, npm run gradsmith brings one by itself.`,
  );
  process.exit(2);
}
await import('../src/main.ts');
