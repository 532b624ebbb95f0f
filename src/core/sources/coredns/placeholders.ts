import type { Query } from './query.ts';
import type { Label } from './template.ts';
import { durationNs, numberOf } from './values.ts';

/** What becomes of a placeholder's value. */
export type Placeholder = {
  /** Attribute of the record that it fills; undefined where it fills none. */
  readonly attribute: string | undefined;
  readonly set: (query: Query, value: string) => void;
};

const known = (value: string): string | undefined => (value === '' || value === '-' ? undefined : value);
const address = (value: string): string | undefined =>
  known(value.startsWith('[') && value.endsWith(']') ? value.slice(1, -1) : value);

/** Every placeholder of CoreDNS's `log` plugin. https://coredns.io/plugins/log/ */
export const PLACEHOLDERS: Readonly<Record<Label, Placeholder>> = {
  remote: {
    attribute: 'client.ip',
    set: (query, value) => {
      query.clientIp = address(value);
    },
  },
  port: {
    attribute: 'client.port',
    set: (query, value) => {
      query.clientPort = numberOf(value);
    },
  },
  '>id': {
    attribute: 'dns.id',
    set: (query, value) => {
      query.id = known(value);
    },
  },
  name: {
    attribute: 'dns.question.name',
    set: (query, value) => {
      query.name = known(value);
    },
  },
  type: {
    attribute: 'dns.question.type',
    set: (query, value) => {
      query.type = known(value);
    },
  },
  class: {
    attribute: 'dns.question.class',
    set: (query, value) => {
      query.class = known(value);
    },
  },
  proto: {
    attribute: 'network.transport',
    set: (query, value) => {
      query.transport = known(value);
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
      query.opCode = known(value);
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
      query.durationNs = durationNs(value);
    },
  },
  local: {
    attribute: 'server.address',
    set: (query, value) => {
      query.local = address(value);
    },
  },
  when: { attribute: undefined, set: () => undefined },
};
