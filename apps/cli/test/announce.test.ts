import { expect, test, vi } from 'vitest';
import { announceWait } from '../src/embedded/announce.ts';
import { Events } from '../src/follow/events.ts';
import { Lines } from '../src/follow/lines.ts';

test('says what is waited for once it takes longer than a moment', async () => {
  vi.useFakeTimers();
  try {
    const shown: (string | null)[] = [];
    const show = (text: string | null): void => void shown.push(text);
    await announceWait(() => 'short', Promise.resolve(), show);
    expect(shown).toEqual([]);
    const long = Promise.withResolvers<number>();
    const waiting = announceWait(() => 'starting the trainers', long.promise, show);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(shown).toEqual(['starting the trainers']);
    long.resolve(3);
    expect(await waiting).toBe(3);
    expect(shown).toEqual(['starting the trainers', null]);
  } finally {
    vi.useRealTimers();
  }
});

test('every view that is not a screen shows it on a separate line', () => {
  const [out, err] = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockReturnValue(true));
  try {
    for (const view of [new Lines(), new Events()]) {
      view.activity('measuring wasm');
      view.activity(null);
    }
    expect(err!.mock.calls).toEqual([['measuring wasm\n']]);
    expect(out!.mock.calls).toEqual([['{"event":"activity","message":"measuring wasm"}\n']]);
  } finally {
    out!.mockRestore();
    err!.mockRestore();
  }
});
