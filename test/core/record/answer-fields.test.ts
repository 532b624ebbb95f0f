import { expect, it } from '@jest/globals';
import type { Answer } from '../../../src/core/model/dns-event.ts';
import { createAnswerFields } from '../../../src/core/record/answer-fields.ts';
import { createJsonEncoder } from '../../../src/core/record/json-encoder.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';
import { resolverEvent } from '../../support/dns-event.ts';

const a = (data: string, type = 'A'): Answer => ({ data, type });

const written = (members: Parameters<typeof resolverEvent>[0]) => {
  const truncation = { wasTruncated: false };
  const out = createByteWriter();
  createAnswerFields(createJsonEncoder(1), () => false)(out, resolverEvent(members), truncation);
  const text = out.bytes().toString('utf8');
  return { ...(JSON.parse(`{${text.slice(1)}}`) as object), wasTruncated: truncation.wasTruncated };
};

it.each([
  [{ answers: [] }, { 'dns.response.type': 'NODATA', wasTruncated: false }],
  [{ answers: [], responseCode: 'NXDOMAIN' }, { wasTruncated: false }],
  [
    {
      answers: [
        a('edge.example.net', 'CNAME'),
        a('198.51.100.7'),
        a('2001:db8::7', 'AAAA'),
        a('198.51.100.7'),
      ],
    },
    {
      'dns.answers.data': ['edge.example.net', '198.51.100.7', '2001:db8::7', '198.51.100.7'],
      'dns.answers.type': ['CNAME', 'A', 'AAAA', 'A'],
      'dns.answers.count': 4,
      'dns.resolved_ip': ['198.51.100.7', '2001:db8::7'],
      wasTruncated: false,
    },
  ],
  [
    { answers: [a('"v=spf1 -all"', 'TXT'), a('no address')] },
    {
      'dns.answers.data': ['"v=spf1 -all"', 'no address'],
      'dns.answers.type': ['TXT', 'A'],
      'dns.answers.count': 2,
      wasTruncated: false,
    },
  ],
  [
    { answers: [a('x'.repeat(33_000), 'TXT')], answerCount: 1 },
    {
      'dns.answers.data': ['x'.repeat(32_000)],
      'dns.answers.type': ['TXT'],
      'dns.answers.count': 1,
      wasTruncated: true,
    },
  ],
  // One answer could not be read: that is not a truncation, and no readable answer is not NODATA.
  [
    { answers: [a('198.51.100.7')], answerCount: 2 },
    {
      'dns.answers.data': ['198.51.100.7'],
      'dns.answers.type': ['A'],
      'dns.answers.count': 2,
      'dns.resolved_ip': ['198.51.100.7'],
      wasTruncated: false,
    },
  ],
  [{ answers: [], answerCount: 2 }, { wasTruncated: false }],
  [
    { answers: [], answerCount: 0 },
    { 'dns.response.type': 'NODATA', wasTruncated: false },
  ],
  [
    { answers: [a('', 'NULL')], answerCount: 40 },
    { 'dns.answers.data': [''], 'dns.answers.type': ['NULL'], 'dns.answers.count': 40, wasTruncated: true },
  ],
])('case %#', (members, expected) => {
  expect(written(members)).toEqual(expected);
});
