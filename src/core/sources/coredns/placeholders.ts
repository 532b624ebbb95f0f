import { addressOf, durationOf, portIn, type Query } from './query.ts';
import type { Label } from './template.ts';
import { durationNs, numberOf } from './values.ts';

/** How a placeholder's value is used. */
export type Placeholder = {
  /** The attribute of the record; undefined if the value is not used. */
  readonly attribute: string | undefined;
  /** Stores the value as CoreDNS prints it. */
  readonly set: (query: Query, value: string) => void;
};

const textOf = (value: string): string | undefined => (value === '' || value === '-' ? undefined : value);

/** Every placeholder of CoreDNS's `log` plugin. https://coredns.io/plugins/log/ */
export const PLACEHOLDERS: Readonly<Record<Label, Placeholder>> = {
  remote: {
    attribute: 'client.ip',
    set: (query, value) => {
      query.clientIp = addressOf(query, value);
    },
  },
  port: {
    attribute: 'client.port',
    set: (query, value) => {
      query.clientPort = portIn(query, value);
    },
  },
  '>id': {
    attribute: 'dns.id',
    set: (query, value) => {
      query.id = textOf(value);
    },
  },
  name: {
    attribute: 'dns.question.name',
    set: (query, value) => {
      query.name = textOf(value);
    },
  },
  type: {
    attribute: 'dns.question.type',
    set: (query, value) => {
      query.type = textOf(value);
    },
  },
  class: {
    attribute: 'dns.question.class',
    set: (query, value) => {
      query.class = textOf(value);
    },
  },
  proto: {
    attribute: 'network.transport',
    set: (query, value) => {
      query.transport = textOf(value);
    },
  },
  size: {
    attribute: 'dns.request.bytes',
    set: (query, value) => {
      query.requestBytes = numberOf(value);
    },
  },
  '>do': {
    attribute: 'dns.edns.do',
    set: (query, value) => {
      query.ednsDo = value === '-' ? undefined : value === 'true';
    },
  },
  '>bufsize': {
    attribute: 'dns.edns.udp_size',
    set: (query, value) => {
      query.ednsUdpSize = numberOf(value);
    },
  },
  '>opcode': {
    attribute: 'dns.op_code',
    set: (query, value) => {
      query.opCode = textOf(value);
    },
  },
  rcode: {
    attribute: 'dns.response_code',
    set: (query, value) => {
      query.responseCode = value;
    },
  },
  '>rflags': {
    attribute: 'dns.header_flags',
    set: (query, value) => {
      query.headerFlags = value;
    },
  },
  rsize: {
    attribute: 'dns.response.bytes',
    set: (query, value) => {
      query.responseBytes = numberOf(value);
    },
  },
  duration: {
    attribute: 'duration',
    set: (query, value) => {
      query.durationNs = durationOf(query, durationNs(value));
    },
  },
  local: {
    attribute: 'server.address',
    set: (query, value) => {
      query.local = addressOf(query, value);
    },
  },
  when: { attribute: undefined, set: () => undefined },
};
