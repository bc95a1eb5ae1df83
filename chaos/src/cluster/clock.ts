import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The wall clock of a process, which can be set while it runs. Its monotonic clock is not changed. */
export interface Clock {
  env: NodeJS.ProcessEnv;
  /** Sets the clock to the true time plus this offset, s. */
  set(offsetS: number): void;
}

/** Creates a clock for a Node process with libfaketime; returns null if libfaketime is not installed. */
export function fakeClock(folder: string, name: string): Clock | null {
  const [library] = globSync('/usr/lib*/{,*/}faketime/libfaketimeMT.so.1');
  if (!library) return null;
  const file = join(folder, `${name}.clock`);
  const set = (offsetS: number): void => writeFileSync(file, `${offsetS >= 0 ? '+' : ''}${offsetS}\n`);
  set(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    set,
  };
}
