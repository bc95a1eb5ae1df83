import { execFileSync } from 'node:child_process';

/** What a Redis counted since its start. */
export interface RedisCounts {
  commands: number;
  /** Reads of its connections that had data: a measure of round trips. */
  requests: number;
  /** Read and written over the network. */
  bytes: number;
  /** In use now, bytes. */
  memory: number;
}

/** Reads the counts with `redis-cli`, so that no connection of the benchmark adds to them. */
export function readRedisCounts(url: string): RedisCounts {
  const info = execFileSync('redis-cli', ['-u', url, 'INFO'], { encoding: 'utf8' });
  const read = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  return {
    commands: read('total_commands_processed'),
    requests: read('total_reads_processed'),
    bytes: read('total_net_input_bytes') + read('total_net_output_bytes'),
    memory: read('used_memory'),
  };
}
