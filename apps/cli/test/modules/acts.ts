/** Does what the option of the job says; with `once`, only in trials whose point is in the upper half. */
export default async function act(
  { x }: { x: number },
  { options: { act, once } }: { options: { act: string; once: boolean } },
): Promise<number> {
  if (once && x < 0.5) return x;
  if (act === 'throw') throw new Error('no luck');
  if (act === 'hang') for (;;);
  if (act === 'exit') process.exit(0);
  return x;
}
