// `npm run test:aws`: runs the tests of test/aws against moto and ministack, which are started here on free loopback
// ports and stopped at the end. Needs Python 3.10 or newer; without it, prints a message and exits with 0.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, responds, startServer } from '../server-process.ts';
import { ensureVenv, findPython } from './venv.ts';

/** Results of the run, in Jest's JSON format. */
const RESULTS = '.cache/aws-results.json';

/** Scripts that start the emulators with what the template and the commands need beyond them. */
const SUPPORT = 'test/aws/support';

/** Fake credentials, so that no call can reach a real account even if an endpoint is not overridden. */
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
    console.log('AWS suite skipped: no Python 3.10 or newer with venv on the PATH');
    return 0;
  }
  const bin = ensureVenv(python);
  const environment = { ...process.env, ...FAKE_AWS };
  const [motoPort, ministackPort] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), 'eks-dns-'));
  const servers = [
    startServer(
      'moto',
      [`${bin}/python`, `${SUPPORT}/moto_server.py`, '-H', '127.0.0.1', '-p', String(motoPort)],
      {
        isUp: responds(`http://127.0.0.1:${motoPort}/moto-api/`),
        environment,
      },
    ),
    startServer('ministack', [`${bin}/python`, `${SUPPORT}/ministack_server.py`], {
      isUp: responds(`http://127.0.0.1:${ministackPort}/_ministack/health`),
      environment: {
        ...environment,
        MOTO_URL: `http://127.0.0.1:${motoPort}`,
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
      AWS_SUITE_FOLDER: folder,
    });
  } finally {
    for (const server of servers) server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function runJest(env: NodeJS.ProcessEnv): number {
  mkdirSync('.cache', { recursive: true });
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const chosen = ['--testMatch', '**/test/aws/*.aws.ts', '--runInBand'];
  const report = ['--json', '--outputFile', resolve(RESULTS)];
  // Jest writes the JSON to stdout too; the readable report goes to stderr.
  const run = spawnSync(process.execPath, [...jest, ...chosen, ...report, ...process.argv.slice(2)], {
    env,
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  return run.status ?? 1;
}

process.exitCode = await main();
