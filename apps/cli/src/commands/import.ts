import type { Command } from 'commander';
import { chooseHost, withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { showMeter } from '../meter.ts';
import { print, printJson } from '../output.ts';
import { groups, withExamples, withJson } from './define.ts';

export function addImport(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('import')
        .helpGroup(groups.look)
        .summary('take in a job that was exported')
        .description('Stores an exported, finished job unchanged, under its id. Importing it again changes nothing.')
        .argument('<file>', 'what gradsmith export wrote'),
    ),
    '{id, created}',
  ).action(async (file: string, { json, ...at }: Partial<HostOptions> & { json?: boolean }) => {
    const { readDocumentFile } = await import('../source.ts');
    const document = readDocumentFile(file);
    const place = chooseHost(at);
    // An import may create the ledger.
    if ('data' in place)
      await (await import('../embedded/open.ts')).openLedger(place.data).then((ledger) => ledger.close());
    await withOpenHost(at, async (host) => {
      const answer = await showMeter('importing', host.importDocument(document));
      if (json) return printJson(answer);
      print(`job ${answer.id} (${document.spec.name}) ${answer.created ? 'is imported' : 'was there already'}`);
    });
  });
  withExamples(command, 'gradsmith import two-gaussians.json --data other');
}
