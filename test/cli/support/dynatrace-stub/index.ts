import { afterEach } from '@jest/globals';
import { type StubOptions, startDynatraceStub as start } from './stub.ts';

export { CLASSIC, PLATFORM, type StubOptions } from './stub.ts';

const open = new Set<() => Promise<void>>();

/** Starts the stub; it is closed after the test. */
export async function startDynatraceStub(options: StubOptions = {}) {
  const stub = await start(options);
  open.add(stub.close);
  return stub;
}

afterEach(async () => {
  for (const close of open) await close();
  open.clear();
});
