/** Returns a bar of `columns` characters, filled to `share` (0 to 1). */
export function drawBar(share: number, columns: number): string {
  const full = Math.floor(Math.max(0, Math.min(1, share)) * columns + 1e-9);
  return '█'.repeat(full) + '░'.repeat(columns - full);
}
