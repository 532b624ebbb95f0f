// `npm run demo`: the sample events through the built function, as three scenes; `-- --all` shows everything.
import { parseArgs } from 'node:util';
import { endOnClosedPipe, paint, print, reportError } from '../../src/cli/terminal.ts';
import { showAll } from './all.ts';
import { writeReport } from './report.ts';
import { showScenes } from './scenes.ts';
import { heading, invokeSamples } from './shown.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      all: { type: 'boolean', default: false },
      directory: { type: 'string', short: 'd', default: 'events/directory.json' },
    },
  });
  endOnClosedPipe();
  const shown = await invokeSamples(values.directory);
  print(paint('bold', 'EKS DNS logs, attributed to the pod that asked'));
  print(`${shown.length} Firehose events through the function that you would deploy.`);
  if (values.all) showAll(shown);
  showScenes(shown);
  showNextSteps(values.all, writeReport(shown));
}

function showNextSteps(isAll: boolean, report: string): void {
  heading('Where to go next');
  const steps: readonly (readonly [string, ...string[]])[] = [
    ['the same records as a page for your browser', report],
    ...(isAll ? [] : [['every event, a whole record, totals', 'npm run demo -- --all'] as const]),
    [
      'your own lines, with the pods of your cluster',
      'kubectl get pods,nodes -A -o json > pods.json',
      'kubectl logs -n kube-system -l k8s-app=kube-dns > dns.log',
      'npm run -s cli -- transform -d pods.json dns.log',
    ],
    [
      'one event through the function',
      'npm run -s invoke -- -n events/env.json --decode events/09-firewall-block.json',
    ],
    [
      'deploy it',
      'sam build && sam deploy --parameter-overrides Clusters=<cluster>',
      'npm run -s cli -- attach --help',
    ],
  ];
  for (const [what, ...commands] of steps) {
    print(what);
    for (const command of commands) print(`  ${paint('cyan', command)}`);
  }
}

try {
  await main();
} catch (error) {
  process.exitCode = reportError(error);
}
