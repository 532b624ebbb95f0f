import { expect, it } from '@jest/globals';
import { interruptible } from '../../../../src/cli/lib/probe/interrupt.ts';
import { lookUntil } from '../../../../src/cli/lib/probe/waiting.ts';
import { captureOutput } from '../../../support/captured-output.ts';
import { createJumpingClock, createManualClock } from '../../../support/manual-clock.ts';

const never = new AbortController().signal;

it('looks until it finds something, and a last time at the deadline', async () => {
  const clock = createJumpingClock();
  const looks: number[] = [];
  const look = async () => {
    looks.push(clock.nowMs());
    return undefined;
  };
  const found = await lookUntil({ clock, signal: never }, 1000, () => 300, look);
  expect({ found, looks }).toEqual({ found: undefined, looks: [0, 300, 600, 900, 1000] });
});

it('looks more rarely as the interval says', async () => {
  const clock = createJumpingClock();
  let looks = 0;
  const found = await lookUntil(
    { clock, signal: never },
    10_000,
    (passedMs) => passedMs + 100,
    async () => {
      looks += 1;
      return looks === 4 ? 'there' : undefined;
    },
  );
  expect({ found, atMs: clock.nowMs() }).toEqual({ found: 'there', atMs: 700 });
});

it('ends at once when it is aborted, and leaves no timer', async () => {
  const clock = createManualClock();
  const controller = new AbortController();
  const waiting = lookUntil(
    { clock, signal: controller.signal },
    1000,
    () => 500,
    async () => undefined,
  );
  const ended = expect(waiting).rejects.toThrow('enough');
  // One turn, so that it has looked and waits.
  await new Promise(setImmediate);
  expect(clock.waiting()).toBe(1);
  controller.abort(new Error('enough'));
  await ended;
  expect(clock.waiting()).toBe(0);
});

it('a signal of the system aborts the work, once, and none is listened to afterwards', async () => {
  const before = process.listenerCount('SIGTERM');
  const { stderr } = await captureOutput(async () => {
    const work = interruptible('cleaning up', async (signal) => {
      expect(process.listenerCount('SIGTERM')).toBe(before + 1);
      process.emit('SIGTERM', 'SIGTERM');
      // The next one ends the process as usual.
      expect(process.listenerCount('SIGTERM')).toBe(before);
      signal.throwIfAborted();
    });
    await expect(work).rejects.toThrow('interrupted');
  });
  expect(stderr).toContain('interrupted; cleaning up');
  expect(process.listenerCount('SIGTERM')).toBe(before);
});
