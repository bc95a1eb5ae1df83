import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;

/**
 * In the place of Docker: containers are files of `containers`, each with its environment; a worker that leases a GPU
 * is healthy only where no more than $GPUS are there.
 */
const docker = `#!/bin/sh
cd "$ROLL_FOLDER/containers"
case "$*" in
  'compose version') ;;
  'compose ps -q worker') ls ;;
  'compose rm '*) ;;
  'compose up '*)
    wanted=$(echo "$*" | sed 's/.*--scale worker=\\([0-9]*\\).*/\\1/')
    while [ "$(ls | wc -l)" -lt "$wanted" ]; do
      made=$(($(cat ../made) + 1)); echo $made >../made
      echo "GRADSMITH_GPU=$NEW_GPU" >"new$made"; echo "start new$made" >>../events
    done ;;
  *State.Running*) for id; do [ ! -f "$id" ] || echo "$id"; done ;;
  *State.Health*)
    for id; do :; done
    if grep -q lease "$id" && [ "$(ls | wc -l)" -gt "$GPUS" ]; then echo starting; else echo healthy; fi ;;
  *Config.Env*) for id; do :; done; cat "$id" ;;
  'stop '*) for id; do :; done; rm "$id"; echo "stop $id" >>../events ;;
  'rm '*) ;;
  *) echo "docker $*: not known here" >&2; exit 1 ;;
esac
`;

/** Rolls two workers on a host with this many GPUs. */
function runRoll(
  gpu: { old: string; new: string },
  gpus = 2,
): { status: number | null; said: string; events: string[]; left: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-roll-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  for (const name of ['containers', 'bin']) mkdirSync(join(folder, name));
  for (const [name, text] of [
    ['docker', docker],
    ['sleep', '#!/bin/sh\n'],
  ] as const) {
    write(`bin/${name}`, text);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  for (const id of ['old1', 'old2']) write(`containers/${id}`, `PATH=/bin\nGRADSMITH_GPU=${gpu.old}\n`);
  write('made', '0');
  write('events', '');
  const env = {
    ...process.env,
    PATH: `${folder}/bin:${process.env.PATH}`,
    ROLL_FOLDER: folder,
    GPUS: String(gpus),
    NEW_GPU: gpu.new,
  };
  const { status, stderr } = spawnSync(join(root, 'deploy', 'roll'), { env, encoding: 'utf8' });
  return {
    status,
    said: stderr,
    events: readFileSync(join(folder, 'events'), 'utf8').trim().split('\n'),
    left: readdirSync(join(folder, 'containers')),
  };
}

test('stops a worker once its successor is healthy', () => {
  expect(runRoll({ old: 'auto', new: 'auto' })).toEqual({
    status: 0,
    said: '',
    left: ['new1', 'new2'],
    events: ['start new1', 'stop old1', 'start new2', 'stop old2'],
  });
});

test('stops a worker with a leased GPU before its successor starts', () => {
  expect(runRoll({ old: 'lease', new: 'lease' })).toEqual({
    status: 0,
    said: '',
    left: ['new1', 'new2'],
    events: ['stop old1', 'start new1', 'stop old2', 'start new2'],
  });
});

test('stops if a successor does not become healthy, and keeps the other workers', () => {
  const { status, said, left } = runRoll({ old: 'lease', new: 'lease' }, 1);
  expect(status).toBe(1);
  expect(said).toContain('the new worker new1 is not healthy');
  expect(left).toEqual(['new1', 'old2']);
});
