// pnpm docs:write
import { writeFileSync } from 'node:fs';
import { writtenDocs } from './written-docs.ts';

for (const [name, text] of Object.entries(await writtenDocs())) {
  writeFileSync(new URL(`../../../docs/${name}`, import.meta.url), text);
}
