// A function that passes everything through, or breaks one rule (`STUB`) that the simulator has to find.
const MEGABYTE = 1_000_000;

const WRONG = {
  lose: (records) => records.slice(1),
  twice: (records) => [...records, records[0]],
  reverse: (records) => records.toReversed(),
  'unknown-id': ([first, ...rest]) => [{ ...first, recordId: 'nobody' }, ...rest],
  'bad-base64': ([first, ...rest]) => [{ ...first, data: '***' }, ...rest],
  'no-data': ([{ recordId, result }, ...rest]) => [{ recordId, result }, ...rest],
  'lower-case-result': ([first, ...rest]) => [{ ...first, result: 'ok' }, ...rest],
  'failed-with-other-data': ([first, ...rest]) => [
    { ...first, result: 'ProcessingFailed', data: '' },
    ...rest,
  ],
  'drop-without-rule': ([first, ...rest]) => [{ ...first, result: 'Dropped' }, ...rest],
  'record-too-large': ([first, ...rest]) => [{ ...first, data: filled(1.1 * MEGABYTE) }, ...rest],
  'over-budget': (records) => records.map((record) => ({ ...record, data: filled(0.9 * MEGABYTE) })),
  'alter-other-log': (records) =>
    records.map((record) => ({ ...record, data: altered(record.data, /x/, 'y') })),
  'lose-event': (records) =>
    records.map((record) => ({ ...record, data: altered(record.data, /\{"id":[^}]*\},/, '') })),
  'alter-member': (records) =>
    records.map((record) => ({ ...record, data: altered(record.data, /"owner":"1/, '"owner":"2') })),
  'no-list': () => undefined,
};

const filled = (bytes) => Buffer.alloc(bytes).toString('base64');
const altered = (data, from, to) =>
  Buffer.from(Buffer.from(data, 'base64').toString('latin1').replace(from, to), 'latin1').toString('base64');

let invocations = 0;
let tickedMs = 0;
let longestGapMs = 0;

export async function handler(event) {
  invocations += 1;
  const stub = process.env.STUB ?? 'pass';
  if (stub === 'throw') throw new Error('stub');
  if (stub === 'throw-first' && invocations === 1) throw new Error('stub');
  if (stub === 'exit') process.exit(3);
  if (stub === 'hang') await new Promise((resolve) => setTimeout(resolve, 600_000));
  if (stub === 'too-large-for-lambda') return { records: [], filler: 'x'.repeat(6.5 * MEGABYTE) };
  if (stub === 'tick') tick();
  const records = event.records.map(({ recordId, data }) => ({ recordId, result: 'Ok', data }));
  return { records: WRONG[stub]?.(records) ?? (stub === 'no-list' ? 'none' : records) };
}

/** Prints the longest time between two ticks since the last invocation, ms. */
function tick() {
  const onTick = () => {
    const nowMs = performance.now();
    longestGapMs = Math.max(longestGapMs, nowMs - tickedMs);
    tickedMs = nowMs;
  };
  if (invocations === 1) {
    tickedMs = performance.now();
    setInterval(onTick, 1).unref();
  }
  onTick();
  console.log(longestGapMs);
  longestGapMs = 0;
}
