// Breaks of function and stream.
import { FUNCTION } from '../complete-setup.ts';
import { type BrokenSetup, clusters, type Run } from './broken-setup.ts';

const STREAM = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/dynatrace';

const processorOf = (arn: string): object => ({
  Enabled: true,
  Processors: [{ Type: 'Lambda', Parameters: [{ ParameterName: 'LambdaArn', ParameterValue: arn }] }],
});

const stream = ({ account }: Run) => {
  const found = account.streams.get('dynatrace');
  if (found === undefined) throw new Error('the account has no stream');
  return found;
};

const loop = (filterName: string) => (run: Run) =>
  run.account.groups.set(FUNCTION.logGroup, [{ filterName, filterPattern: '', destinationArn: STREAM }]);

/** Function and stream. */
export const FUNCTION_AND_STREAM: readonly BrokenSetup[] = [
  {
    name: 'no function',
    break: clusters(undefined),
    args: ['--cluster', 'shop'],
    check: 'function',
    fix: 'mends',
  },
  { name: 'no function, for no known cluster', break: clusters(undefined), check: 'function', fix: 'shows' },
  {
    name: 'a function that is not there',
    break: clusters(undefined),
    args: ['--function', 'dsn'],
    check: 'function',
    fix: 'shows',
  },
  {
    name: 'a function of 1.0',
    break: (run) => {
      run.account.state.isOld = true;
    },
    check: 'record key',
    fix: 'mends',
  },
  {
    name: 'a stream that is not there',
    break: (run) => run.account.streams.delete('dynatrace'),
    check: 'stream',
    fix: 'shows',
  },
  {
    name: 'a stream that is being changed',
    break: (run) => {
      stream(run).status = 'UPDATING';
    },
    check: 'stream',
    fix: 'says',
  },
  {
    name: 'a stream to a bucket',
    break: (run) => {
      stream(run).url = undefined;
    },
    check: 'stream',
    fix: 'says',
  },
  {
    name: 'a stream to another address',
    break: (run) => {
      stream(run).url = 'https://collector.example/logs';
    },
    check: 'stream',
    fix: 'says',
  },
  {
    name: 'a stream without error log',
    break: (run) => {
      stream(run).errorLogGroup = undefined;
    },
    check: 'stream errors',
    fix: 'says',
  },
  {
    name: 'a stream that calls nothing',
    break: (run) => {
      stream(run).processing = { Enabled: false };
    },
    check: 'attached',
    fix: 'mends',
  },
  {
    name: 'a stream that calls another function',
    break: (run) => {
      stream(run).processing = processorOf('arn:aws:lambda:eu-west-1:111122223333:function:theirs');
    },
    check: 'attached',
    fix: 'says',
  },
  {
    name: 'a role without its policy',
    break: (run) => run.account.policies.clear(),
    check: 'role',
    fix: 'mends',
  },
  { name: 'a loop', break: loop("it's a loop"), check: 'no loop', fix: 'mends' },
];
