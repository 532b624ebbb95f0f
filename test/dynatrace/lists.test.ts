import { describe, expect, it } from '@jest/globals';
import { LISTS } from '../../scripts/tools/dynatrace/lists.ts';
import { domainInfo } from '../../src/core/question/domain.ts';
import { readFiles } from './lookup-tables.ts';

const FILES = readFiles();

it('has a file for the query of each list', () => {
  expect(FILES.map(([table]) => table).sort()).toEqual(LISTS.map(({ table }) => table).sort());
});

describe.each(FILES)('%s', (_, lines) => {
  const rows = lines.filter((line) => !line.startsWith('#')).slice(1);

  it('says where it is from, and when it was made', () => {
    expect(lines.some((line) => /^# source: \S/.test(line))).toBe(true);
    expect(lines.filter((line) => /^# date: 20\d\d-\d\d-\d\d$/.test(line))).toHaveLength(1);
    expect(lines.find((line) => !line.startsWith('#'))).toBe('domain,name');
  });

  it('is small, sorted, and has every domain once', () => {
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.length).toBeLessThan(200);
    const domains = rows.map((row) => row.split(',')[0]);
    expect(domains).toEqual([...new Set(domains)].sort());
  });

  it.each(rows)('%s is a name as records have it, and a text', (row) => {
    const [domain = '', name = '', ...more] = row.split(',');
    expect(domain).toMatch(/^(?:[a-z0-9-]+\.)+[a-z]{2,}$/);
    expect(domainInfo(domain).registeredDomain).toBeDefined();
    expect(name.trim()).toBe(name);
    expect([name === '', more, /["']/.test(row)]).toEqual([false, [], false]);
  });
});
