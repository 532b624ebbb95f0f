import type { ByteWriter } from '../util/byte-writer.ts';
import { isTimeMs } from '../util/rfc3339.ts';
import type { EventsWriter } from './output.ts';

/** The members of an envelope that lines get, all of them ASCII. */
export type LinesWrapper = {
  readonly owner: string;
  readonly logGroup: string;
  readonly logStream: string;
  /** Id and time (epoch ms) of the event at an index. */
  readonly idOf: (index: number) => string;
  readonly timeMsOf: (index: number) => number;
};

/** Writes lines as the events of an envelope. */
export interface WrappedLinesWriter extends EventsWriter {
  begin(wrapper: LinesWrapper): void;
}

/**
 * Creates the writer that puts normalised records into an envelope as CloudWatch Logs writes it:
 *   {"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/dns/direct","logStream":"coredns",
 *    "subscriptionFilters":["eks-dns-firehose"],"logEvents":[{"id":"0714...","timestamp":1795168860123,"message":"..."}]}
 * Blank lines between them are left out.
 */
export function createWrappedLinesWriter(out: ByteWriter): WrappedLinesWriter {
  let wrapper: LinesWrapper | undefined;
  let separator = '';
  return {
    begin: (next) => {
      wrapper = next;
      separator = '';
      out.clear();
      const { owner, logGroup, logStream } = next;
      const head = { messageType: 'DATA_MESSAGE', owner, logGroup, logStream };
      const text = JSON.stringify({ ...head, subscriptionFilters: ['eks-dns-firehose'] });
      out.addText(`${text.slice(0, -1)},"logEvents":[`);
    },
    keep: () => undefined,
    beginRecord: (index) => {
      if (wrapper === undefined) return;
      const timeMs = wrapper.timeMsOf(index);
      const timestamp = isTimeMs(timeMs) ? Math.floor(timeMs) : 0;
      out.addText(`${separator}{"id":"${wrapper.idOf(index)}","timestamp":${timestamp},"message":"`);
      separator = ',';
    },
    endRecord: () => out.addText('"}'),
    drop: () => undefined,
    end: () => out.addText(']}'),
  };
}
