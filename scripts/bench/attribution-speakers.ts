// "Who else speaks": whole Firehose events with lines of CoreDNS and Route 53 in several accounts, Regions and clusters,
// and lines of forgers between them, through the pipeline with and without its fast path. The truth of each line is known.
import { firehoseEvent, gzipText } from '../../src/cli/lib/io/firehose-event.ts';
import { readResponse } from '../../src/cli/lib/io/firehose-response.ts';
import { createRandom, type Random } from '../../src/cli/lib/simulate/random.ts';
import { table } from '../../src/cli/terminal.ts';
import { createFastPath } from '../../src/core/fast-path/index.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { type Acceleration, NO_ACCELERATION } from '../../src/core/pipeline/acceleration.ts';
import { createPipeline } from '../../src/core/pipeline/transform.ts';
import { METADATA_FORMAT } from './speakers-lines.ts';
import { createPlace } from './speakers-places.ts';
import { countLine, emptyScore, type Score } from './speakers-score.ts';
import { type Place, ROWS, type Row, type SpokenLine, VARIANTS, type Variant } from './speakers-truth.ts';
import { directoryOf, ERAS, STREAM } from './speakers-world.ts';

const RECORDS = 8;

/** Columns whose counts must be 0. */
const GOALS = { wrong: 'wrong', unproved: 'exact without proof', other: 'not as documented' } as const;

/** The scores by row, and an example of each kind of fault. */
export type SpeakersResult = { readonly scores: ReadonlyMap<Row, Score>; readonly faults: readonly string[] };

/** Runs `events` Firehose events through each configuration; the same seed gives the same lines. */
export async function playSpeakers(events: number, seed = 18): Promise<SpeakersResult> {
  const scores = new Map<Row, Score>();
  const examples = new Map<string, string>();
  for (const [index, variant] of VARIANTS(METADATA_FORMAT).entries()) {
    const random = createRandom(seed + index);
    const [fast, ordinary] = pipelinesOf(variant);
    const note = (kind: string, text: string, place: Place, line = place.lines[0]): void => {
      if (!examples.has(kind)) examples.set(kind, `${kind}: ${text}\n${exampleOf(variant, place, line)}`);
    };
    for (let n = 0; n < events; n += 1) {
      const places = Array.from({ length: RECORDS }, () => createPlace({ random, variant }));
      const event = eventOf(places, random);
      const [{ response }, plain] = await Promise.all([fast(event), ordinary(event)]);
      const outcomes = readResponse(event, response);
      for (const [i, place] of places.entries()) {
        const isSame = response.records[i]?.data === plain.response.records[i]?.data;
        if (!isSame) note('two readings', 'the fast path differs from the ordinary steps', place);
        const outputs = outcomes[i]?.events ?? [];
        if (outputs.length !== place.lines.length) note('lines', 'some are missing in the output', place);
        for (const [at, line] of place.lines.entries()) {
          const score = scores.get(line.row) ?? emptyScore();
          scores.set(line.row, score);
          const fault = countLine(score, line, outputs[at]?.record, outputs[at]?.message);
          if (fault !== undefined) note(`${ROWS[line.row]}, ${GOALS[fault.goal]}`, fault.text, place, line);
        }
      }
    }
  }
  return { scores, faults: [...examples.values()] };
}

const exampleOf = (
  { known, settings }: Variant,
  { owner, logGroup, logStream }: Place,
  line: SpokenLine | undefined,
): string => {
  const clusters = known.map(({ name }) => name).join(',');
  const { fields, timestampMs, message } = line ?? {};
  const example = { owner, logGroup, logStream, fields, timestampMs, message };
  return `  clusters ${clusters}; settings ${Object.keys(settings).join(',') || 'default'}\n  ${JSON.stringify(example)}`;
};

/** The pipeline of a configuration, with the fast path and without. */
function pipelinesOf({ known, settings }: Variant) {
  const configured = { ...DEFAULT_SETTINGS, ...settings };
  const directory = directoryOf(known);
  const pipelineWith = (acceleration: Acceleration) =>
    createPipeline(
      configured,
      {
        directory: { begin: () => ({ lookup: async () => directory, health: () => [] }) },
        now: () => ERAS.present.toMs,
        recordFailed: (_, code, error) => {
          throw error ?? new Error(code);
        },
      },
      acceleration,
    );
  return [pipelineWith(createFastPath(configured)), pipelineWith(NO_ACCELERATION)] as const;
}

const eventOf = (places: readonly Place[], random: Random) =>
  firehoseEvent(
    places.map((place) => recordOf(place, random)),
    { arrivalMs: ERAS.present.toMs, region: STREAM.region, kinesis: false },
  );

function recordOf({ owner, logGroup, logStream, lines }: Place, random: Random): Buffer {
  if (owner === undefined || logGroup === undefined)
    return Buffer.from(lines.map(({ message }) => message).join('\n'));
  const json = JSON.stringify({
    messageType: 'DATA_MESSAGE',
    owner,
    logGroup,
    logStream,
    subscriptionFilters: ['eks-dns-firehose'],
    logEvents: lines.map(({ timestampMs, message, fields }, i) => ({
      id: `39${String(timestampMs).padStart(14, '0')}${String(i).padStart(40, '0')}`,
      timestamp: timestampMs,
      message,
      ...(fields && { extractedFields: fields }),
    })),
  });
  return random.int(4) === 0 ? gzipText(json) : Buffer.from(json);
}

/** Prints the table of a run; returns the goals that were missed. */
export async function printSpeakers(events: number): Promise<readonly string[]> {
  const { scores, faults } = await playSpeakers(events);
  const rows = (Object.keys(ROWS) as Row[]).map((row) => {
    const { lines, exact, inferred, unnamed, passed, claimed, wrong, unproved, other } =
      scores.get(row) ?? emptyScore();
    const counts = [lines, exact, inferred, unnamed, passed, claimed, wrong, unproved, other];
    return [ROWS[row], ...counts.map(String)];
  });
  const head = ['lines', 'exact', 'inferred', 'no pod', 'passed', 'claims believed as inferred'];
  console.log('Who else speaks: what became of the lines, with the fast path and without.');
  console.log(table(['who wrote the line', ...head, ...Object.values(GOALS)], rows));
  const missing = rows.filter(([, lines]) => lines === '0').map(([name]) => `${name}: no lines`);
  return [...faults, ...missing];
}
