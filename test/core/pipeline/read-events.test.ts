import { expect, it } from '@jest/globals';
import { createLookupKeys } from '../../../src/core/attribution/lookup-keys.ts';
import { eventList, NOT_DNS, UNPARSED } from '../../../src/core/pipeline/read-events.ts';
import { corednsEvent } from '../../support/dns-event.ts';

it('lists events, collects their keys, and estimates their memory', () => {
  const keys = createLookupKeys();
  const event = corednsEvent({ clientIp: '10.0.0.5' });
  const list = eventList([event, NOT_DNS, UNPARSED, event], keys);
  expect([0, 1, 2, 3, 4].map(list.at)).toEqual([event, NOT_DNS, UNPARSED, event, NOT_DNS]);
  const failed = corednsEvent({ isError: true });
  expect(eventList([event, NOT_DNS, failed], createLookupKeys()).errors).toEqual([2]);
  expect([list.length, list.heldBytes]).toEqual([4, 4 * 100 + 2 * 600]);
  expect(keys.clientIps).toEqual(new Set(['10.0.0.5']));
});
