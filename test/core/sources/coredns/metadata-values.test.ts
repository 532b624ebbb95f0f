// What each placeholder of metadata can hold: a value with every kind of character that it may have, and one too many.
import { describe, expect, it } from '@jest/globals';
import { compileFormat } from '../../../../src/core/sources/coredns/format.ts';

const GRAMMAR: readonly (readonly [label: string, value: string, foreign: string])[] = [
  ['kubernetes/client-label/app', 'AZaz09._-', '/'],
  ['kubernetes/client-namespace', 'az09-', 'A'],
  ['kubernetes/client-pod-name', 'az09.-', '_'],
  ['kubernetes/parse-error', 'az -', '0'],
  ['kubernetes/service', '!~AZ09', '"'],
  ['kubernetes/endpoint', '!~AZ09', ' '],
  ['kubernetes/namespace', '!~AZ09', '\\'],
  ['forward/upstream', '[09AZaz:%]._-:53', '/'],
  ['log/type', 'AZaz-', '0'],
  ['view/name', '!~AZ09', '"'],
  ['zone/wildcard', '*.!~', '"'],
  ['trace/traceid', '09af-', 'g'],
  ['geoip/continent/code', 'AZ-', 'a'],
  ['geoip/country/code', 'AZ-', '0'],
  ['geoip/country/is_in_european_union', 'az-', 'A'],
  ['geoip/subdivisions/code', 'AZ,09-', 'a'],
  ['geoip/latitude', '-09.9e+9', 'E'],
  ['geoip/longitude', '-09.9e+9', 'E'],
  ['geoip/timezone', 'AZaz/_+-09', ' '],
  ['geoip/asn/number', '09-', 'A'],
  ['other/label', 'AZ az09 "é', '\t'],
];

describe.each(GRAMMAR)('%s', (label, value, foreign) => {
  const result = compileFormat(`{name}\t{/${label}}`);
  const match = (text: string) => (result.ok ? result.format.match(`a.\t${text}`, 0) : undefined);

  it('holds its characters', () => {
    expect(match(value)).toMatchObject({ name: 'a.', metadata: [[label, value]] });
    for (const character of value) expect(match(character)).toMatchObject({ metadata: [[label, character]] });
    expect(match('')).toMatchObject({ metadata: [[label, '']] });
    expect(match('-')).toMatchObject({ metadata: [[label, '-']] });
  });

  it('holds no other', () => {
    expect(match(`${value}${foreign}`)).toBeUndefined();
  });
});
