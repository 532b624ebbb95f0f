// Every folder of test/golden through the real pipeline. UPDATE_GOLDEN=1 rewrites what is expected: read the diff.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CaseInput, caseEvent } from '../scripts/tools/events/input.ts';
import { readResponse, recordsIn } from '../src/cli/lib/io/firehose-response.ts';
import { createFastPath } from '../src/core/fast-path/index.ts';
import { RECORD_FIELDS } from '../src/core/model/record-fields/index.ts';
import { type Acceleration, NO_ACCELERATION } from '../src/core/pipeline/acceleration.ts';
import { createPipeline, type PipelinePorts } from '../src/core/pipeline/transform.ts';
import { compileFormat } from '../src/core/sources/coredns/format.ts';
import { createDirectorySource } from '../src/inventory/index.ts';
import { loadConfiguration } from '../src/lambda/config.ts';
import { recordFaults } from './support/record-schema.ts';
import { strictGunzip } from './support/strict-gzip.ts';

const ROOT = 'test/golden';
const isUpdate = process.env.UPDATE_GOLDEN === '1';
const cases = readdirSync(ROOT).sort();

/** Cases in which no event becomes a record; every other case must have records. */
const WITHOUT_RECORDS = new Set(['sample-05-control-message', 'sample-13-foreign']);

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

async function run(name: string) {
  const input = CaseInput.parse(readJson(`${ROOT}/${name}/input.json`));
  const own = `${ROOT}/${name}/directory.json`;
  const directory = existsSync(own) ? own : 'events/directory.json';
  const configuration = loadConfiguration(compileFormat, { DIRECTORY_FILE: directory, ...input.environment });
  if (!configuration.ok) throw new Error(configuration.faults.join('; '));
  const { settings } = configuration;
  const event = caseEvent(input);
  const responseOf = async (acceleration: Acceleration) => {
    const ports: PipelinePorts = {
      directory: createDirectorySource(settings),
      now: () => Date.parse(input.arrival),
      recordFailed: (_, code, error) => {
        if (code === 'INTERNAL') throw error;
      },
    };
    return (await createPipeline(settings, ports, acceleration)(event)).response;
  };
  const response = await responseOf(createFastPath(settings));
  for (const [i, { data = '' }] of response.records.entries()) {
    // Node's own reader ignores bytes behind the gzip trailer; other readers do not.
    if (data !== event.records[i]?.data && data.startsWith('H4s')) strictGunzip(Buffer.from(data, 'base64'));
  }
  // The pipeline is complete without the fast path, and its result is the same.
  expect(await responseOf(NO_ACCELERATION)).toEqual(response);
  return { event, outcomes: readResponse(event, response), extraKeys: input.extraKeys };
}

/** What a reviewer reads: untouched data as a word, records as objects, other messages as text. */
const readable = (outcomes: Awaited<ReturnType<typeof run>>['outcomes']) =>
  outcomes.map(({ result, isUnchanged, events }) =>
    isUnchanged
      ? { result, data: 'as it came' }
      : {
          result,
          count: events.length,
          events: events.slice(0, 12).map(({ record, message }) => record ?? message),
        },
  );

/** Position of a field in the record's order; an open set (`k8s.pod.label.*`) takes every name it covers. */
const position = (name: string): number => {
  const own = RECORD_FIELDS.findIndex((field) => field.name === name);
  const isOpen = (field: string): boolean => field.endsWith('*') && name.startsWith(field.slice(0, -1));
  return own >= 0 ? own : RECORD_FIELDS.findIndex((field) => isOpen(field.name));
};

describe.each(cases)('%s', (name) => {
  it('gives the expected records', async () => {
    const { outcomes } = await run(name);
    const file = `${ROOT}/${name}/expected.json`;
    const actual = readable(outcomes);
    if (isUpdate) writeFileSync(file, `${JSON.stringify(actual, null, 2)}\n`);
    expect(actual).toEqual(readJson(file));
  });

  it('returns every record once, in order', async () => {
    const { event, outcomes } = await run(name);
    expect(outcomes.map(({ recordId }) => recordId)).toEqual(event.records.map(({ recordId }) => recordId));
  });

  it('prints records that the published schema accepts, fields in order, none empty', async () => {
    const { outcomes, extraKeys } = await run(name);
    const records = recordsIn(outcomes);
    const faulty = records.flatMap((record) => {
      const named = Object.keys(record).filter((key) => !extraKeys.includes(key));
      const positions = named.map(position);
      const isOrdered = positions.every((at, i) => at >= (positions[i - 1] ?? 0));
      const isEmpty = Object.values(record).some((value) => value === '' || value === null || value === '-');
      const faults = recordFaults(record, extraKeys);
      return isOrdered && !isEmpty && faults.length === 0 ? [] : [{ record, faults, isOrdered, isEmpty }];
    });
    expect(faulty).toEqual([]);
    expect(records.length > 0).toBe(!WITHOUT_RECORDS.has(name));
  });
});
