// `npm run test:aws`: the tests of test/aws against moto and ministack, both started here on free loopback ports and
// ended with this process. Needs Python 3.10 or newer; says so and ends well where there is none.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { freePort, startServer } from './server.ts';
import { ensureVenv, findPython } from './venv.ts';

/** Results of the run, in Jest's JSON form. */
const RESULTS = '.cache/aws-results.json';

/** Never a real account: no call can leave for AWS even if an endpoint were forgotten. */
const FAKE_AWS = {
  AWS_ACCESS_KEY_ID: '111122223333',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  SAM_CLI_TELEMETRY: '0',
};

async function main(): Promise<number> {
  const python = findPython();
  if (python === undefined) {
    console.log('aws suite skipped: it needs Python 3.10 or newer with venv, and there is none on the PATH');
    return 0;
  }
  const bin = ensureVenv(python);
  const environment = { ...process.env, ...FAKE_AWS };
  const [motoPort, ministackPort] = [await freePort(), await freePort()];
  const servers = [
    startServer('moto', [`${bin}/python`, '-m', 'moto.server', '-H', '127.0.0.1', '-p', String(motoPort)], {
      url: `http://127.0.0.1:${motoPort}/moto-api/`,
      environment,
    }),
    startServer('ministack', [`${bin}/ministack`], {
      url: `http://127.0.0.1:${ministackPort}/_ministack/health`,
      environment: {
        ...environment,
        BIND_HOST: '127.0.0.1',
        GATEWAY_PORT: String(ministackPort),
        LAMBDA_EXECUTOR: 'local',
        IOT_MTLS_ENABLED: '0',
        SFTP_ENABLED: '0',
        PERSIST_STATE: '0',
      },
    }),
  ];
  try {
    await Promise.all(servers.map((server) => server.ready));
    return runJest({
      ...environment,
      MOTO_URL: `http://127.0.0.1:${motoPort}`,
      MINISTACK_URL: `http://127.0.0.1:${ministackPort}`,
      AWS_SUITE_BIN: bin,
    });
  } finally {
    for (const server of servers) server.stop();
  }
}

function runJest(env: NodeJS.ProcessEnv): number {
  mkdirSync('.cache', { recursive: true });
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const chosen = ['--testMatch', '**/test/aws/*.aws.ts', '--runInBand'];
  const report = ['--json', '--outputFile', resolve(RESULTS)];
  // The JSON goes to stdout as well as to the file; people read stderr.
  const run = spawnSync(process.execPath, [...jest, ...chosen, ...report, ...process.argv.slice(2)], {
    env,
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  return run.status ?? 1;
}

process.exitCode = await main();
