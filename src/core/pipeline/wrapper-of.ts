import { idOfLine } from '../cloudwatch/line-id.ts';
import type { InputRecord } from '../model/firehose-record.ts';
import type { StreamIdentity } from '../model/origin.ts';
import type { LinesWrapper } from '../outputs/wrapped-lines.ts';
import type { TextRecord } from './read.ts';

/**
 * The envelope that lines get (`WRAP`). Its owner is the account that the lines name (Route 53), else that of the stream;
 * its log stream is their log source.
 */
export function wrapperOf(
  { accountId }: StreamIdentity,
  { recordId }: InputRecord,
  { events }: TextRecord,
  logGroup: string,
): LinesWrapper {
  const accounts = new Set<string | undefined>();
  const sources = new Set<string>();
  for (let i = 0; i < events.length; i++) {
    const event = events.at(i);
    if (typeof event !== 'object') continue;
    accounts.add(event.accountId);
    sources.add(event.source);
  }
  const [named, ...others] = accounts;
  const isOwner = others.length === 0 && named !== undefined && ACCOUNT.test(named);
  return {
    owner: (isOwner ? named : accountId) ?? '',
    logGroup,
    logStream: [...sources].sort().join('+'),
    idOf: (index) => idOfLine(recordId, index),
    timeMsOf: (index) => {
      const event = events.at(index);
      return typeof event === 'object' ? event.timeMs : 0;
    },
  };
}

const ACCOUNT = /^\d{12}$/;
