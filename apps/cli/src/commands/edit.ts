import { readFileSync } from 'node:fs';
import type { JobResource } from '@gradsmith/contract';
import type { JobChanges } from '@gradsmith/core/jobs';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { findJob } from '../hosts/find-job.ts';
import { withHost, withOpenHost, type HostOptions } from '../hosts/open-host.ts';
import { priorityOption } from '../options.ts';
import { print, printJson } from '../output.ts';
import { cleanText } from '../text/clean.ts';
import { groups, NAMED_JOB, withExamples, withJson } from './define.ts';

interface EditOptions extends Partial<HostOptions> {
  name?: string;
  label?: string[];
  removeLabel?: string[];
  priority?: number;
  notes?: string;
  notesFile?: string;
  json?: boolean;
}

export function addEdit(program: Command): void {
  const command = withJson(
    withHost(
      program
        .command('edit')
        .helpGroup(groups.steer)
        .summary('change the name, labels, priority or notes of a job, or show them')
        .description(
          'Changes the name, the labels, the priority or the notes of a job in any state. Nothing else of a job can ' +
            'be changed. Without an option, it shows them.',
        )
        .argument('<job>', NAMED_JOB),
    ),
    'the job with its name and labels in spec, and its notes',
  )
    .option('--name <name>', 'the new name')
    .option('--label <name:value...>', 'labels to add or change')
    .option('--remove-label <name...>', 'labels to remove')
    .option('--priority <n>', 'the new priority, -100 to 100', priorityOption)
    .option('--notes <text>', 'the new notes, in Markdown; an empty text removes them')
    .option('--notes-file <file>', 'the new notes, from a file')
    .action(async (job: string, { data, server, json, ...options }: EditOptions) => {
      const changes = readChanges(options);
      await withOpenHost({ data, server }, async (host) => {
        const id = await findJob(host, job);
        if (Object.keys(changes).length) await host.edit(id, changes);
        const resource = await host.job(id);
        if (json) return printJson(resource);
        for (const line of describeDetails(resource)) print(line);
      });
    });
  withExamples(
    command,
    'gradsmith edit two-gaussians --label owner:ada reviewed:yes --notes final',
    'gradsmith edit two-gaussians --priority 10',
    'gradsmith edit two-gaussians',
  );
}

/** Returns what the options change; empty if they change nothing. Throws Failure for an option that makes no sense. */
export function readChanges({
  name,
  label = [],
  removeLabel = [],
  priority,
  notes,
  notesFile,
}: EditOptions): JobChanges {
  const changes: JobChanges = {};
  if (name !== undefined) changes.name = name;
  const labels = [...label.map(parseLabel), ...removeLabel.map((key) => [key, null] as const)];
  const twice = removeLabel.find((key) => label.some((text) => text.startsWith(`${key}:`)));
  if (twice !== undefined)
    throw new Failure(
      exitCodes.usage,
      'bad-option',
      `--label and --remove-label both name ${twice}; give one of them.`,
    );
  if (labels.length) changes.labels = Object.fromEntries(labels);
  if (priority !== undefined) changes.priority = priority;
  if (notes !== undefined && notesFile !== undefined)
    throw new Failure(exitCodes.usage, 'bad-option', 'Give either --notes or --notes-file.');
  const text = notesFile === undefined ? notes : readNotes(notesFile);
  if (text !== undefined) changes.notes = text === '' ? null : text;
  return changes;
}

function parseLabel(text: string): readonly [string, string] {
  const at = text.indexOf(':');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new Failure(
    exitCodes.usage,
    'bad-option',
    `--label ${text} has no value; write NAME:VALUE, such as owner:ada.`,
  );
}

function readNotes(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Failure(exitCodes.notFound, 'no-file', `${file} does not exist.`, { cause: error });
    throw new Failure(exitCodes.usage, 'no-file', `${file} cannot be read.`, { cause: error });
  }
}

function describeDetails({ id, spec, notes }: JobResource): string[] {
  const labels = Object.entries(spec.labels).map(([key, value]) => `${key}:${value}`);
  const lines = [
    `job      ${id}`,
    `name     ${spec.name}`,
    `labels   ${cleanText(labels.join(', ')) || 'none'}`,
    `priority ${spec.priority ?? 0}`,
  ];
  if (notes === null) return [...lines, 'notes    none'];
  return [
    ...lines,
    'notes',
    ...cleanText(notes)
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}
