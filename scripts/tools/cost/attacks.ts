// What an attacker who owns one pod, or writes one log line, was found to do to version 1.0.0.
import type { Shape, Text } from './shape.ts';

const MB = 1_000_000;

/** An envelope of CloudWatch Logs around a list of events. */
export const envelope = (events: Text, group: Text = '/aws/eks/shop/coredns', more: Text = ''): Text => [
  '{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"',
  group,
  '","logStream":"coredns-a","subscriptionFilters":["f"],',
  more,
  '"logEvents":[',
  events,
  ']}',
];

/** An event with this message, which is the body of a JSON string. */
export const event = (message: Text, more: Text = ''): Text => [
  '{"id":"3950000000000000000000000000000000000000000000000000%","timestamp":1700000000000,"message":"',
  message,
  '"',
  more,
  '}',
];

/** A line of CoreDNS for this name, as it stands in a JSON string. */
export const line = (name: Text, client = '10.0.1.2'): Text => [
  `[INFO] ${client}:4000 - 1 \\"A IN `,
  name,
  '. udp 40 false 512\\" NOERROR qr,rd,ra 80 0.0001s',
];

const gzip = (name: string, recordBytes: number, records: number, text: Text): Shape => ({
  name,
  packing: 'gzip',
  recordBytes,
  records,
  text,
});

const filled = (fill: Text, separator = ''): Text => ({ fill, separator });

/** Nothing of these is read: every record goes back unchanged. */
export const UNREAD_ATTACKS: readonly Shape[] = [
  gzip('one record whose events are 0', 64 * MB, 1, envelope(filled('0', ','))),
  gzip('one record whose events are {}', 64 * MB, 1, envelope(filled('{}', ','))),
  gzip('a name of 60 MB of escapes', 60 * MB, 1, envelope(event(line(filled('\\u0041'))))),
  gzip(
    '5 records of 330,000 unknown members of a message',
    6 * MB,
    5,
    envelope(event(['{', filled('\\"k%\\":0', ','), ',\\"query_name\\":\\"a.\\",\\"log\\":\\"x. udp \\"}'])),
  ),
  gzip(
    '5 records of 330,000 unknown members of an event',
    5 * MB,
    5,
    envelope(event('x', [',', filled('"k%":0', ',')])),
  ),
  gzip(
    '5 records of 330,000 unknown members of an envelope',
    5 * MB,
    5,
    envelope(event('x'), 'g', [filled('"k%":""', ','), ',']),
  ),
  gzip("a log group's name of 60 MB", 60 * MB, 1, envelope(event(line('example.com')), filled('g'))),
  gzip('24 records of millions of empty events', 60 * MB, 24, envelope(filled('{}', ','))),
  gzip('72 records of one message of 64 MB', 63.9 * MB, 72, envelope(event(line(filled('a'))))),
  { ...gzip('4 million empty lines of plain text', 4.2 * MB, 1, filled('\n')), packing: 'plain' },
  gzip(
    '8 records of 80,000 parts of split lines',
    8 * MB,
    8,
    envelope(filled(event('2023-11-20T21:20:29.123456789Z stdout P part. udp '), ',')),
  ),
];

const NEW_NAME = event(line('host-%.shop-%.example.com', '%ip'));
const NEW_NAME_IN_JSON = event(
  '{\\"level\\":\\"INFO\\",\\"plugin\\":\\"log\\",\\"client_ip\\":\\"%ip\\",\\"port\\":\\"1\\",\\"qname\\":\\"n%.example.com.\\",\\"qtype\\":\\"A\\",\\"proto\\":\\"udp\\",\\"rcode\\":\\"NOERROR\\"}',
);

/** The shapes of the table in docs/reliability.md. */
export const ATTACKS: readonly Shape[] = [
  ...UNREAD_ATTACKS,
  gzip(
    '66 MB of honest lines, each with a new name and client, in records of 1 MB',
    MB,
    66,
    envelope(filled(NEW_NAME, ',')),
  ),
  gzip('the same in records of 8 MB', 8 * MB, 8, envelope(filled(NEW_NAME, ','))),
  gzip(
    '64 MB of honest lines in JSON, each with a new name and client',
    4 * MB,
    16,
    envelope(filled(NEW_NAME_IN_JSON, ',')),
  ),
  gzip('72 gzip bombs of 1 GB', 1000 * MB, 72, filled('a')),
];
