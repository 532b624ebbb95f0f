// `npm run dynatrace:sent -- <folder>`: writes everything that `eks-dns dynatrace apply` sends, with every option and to
// environments of several kinds, into a folder that a checker of Dynatrace's schemas and DQL can read.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apply, planApply } from '../../../src/cli/lib/dynatrace/apply.ts';
import { loadContent } from '../../../src/cli/lib/dynatrace/content.ts';
import { parseEnvironment } from '../../../src/cli/lib/dynatrace/environment.ts';
import { inspect } from '../../../src/cli/lib/dynatrace/inspect.ts';
import { planRemove } from '../../../src/cli/lib/dynatrace/remove.ts';
import { runSteps } from '../../../src/cli/lib/dynatrace/step.ts';
import { readTenant } from '../../../src/cli/lib/dynatrace/tenant.ts';
import { jsonText } from '../../../src/cli/terminal.ts';
import { PLATFORM, startDynatraceStub } from '../../../test/cli/support/dynatrace-stub/stub.ts';

const KEYS = ['00d1e2f3a4b5c6d7e8f9', 'fedcba9876543210'];
const ROUTE = { enabled: true, pipelineType: 'builtin', builtinPipelineId: 'default', matcher: 'true' };

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name a folder');
const write = (path: string, text: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};

// The fields that queries may name.
mkdirSync(folder, { recursive: true });
copyFileSync('dynatrace/record.schema.json', join(folder, 'record.schema.json'));

let objects = 0;
for (const routes of [[], [{ ...ROUTE, description: 'everything' }]]) {
  const stub = await startDynatraceStub();
  const { settings, platform } = stub;
  if (routes.length > 0) settings.create('builtin:openpipeline.logs.routing', { routingEntries: routes });
  const session = {
    environment: parseEnvironment(stub.url),
    token: { kind: 'platform', secret: PLATFORM },
  } as const;
  const content = loadContent();
  for (const [keys, more] of [
    [KEYS.slice(0, 1), false],
    [KEYS, true],
    ['none', true],
  ] as const) {
    const options = {
      keys,
      position: undefined,
      alerts: more,
      findings: more,
      lists: more,
      mayPrecede: true,
    };
    await apply(await planApply(session, await readTenant(session), content, options), options);
    await inspect(session, { content, url: stub.url });
  }
  await runSteps((await planRemove(session, await readTenant(session), content)).steps);
  for (const object of settings.sent) {
    objects += 1;
    write(`sent-${String(objects).padStart(3, '0')}.json`, jsonText(object));
  }
  for (const [n, query] of platform.queries.entries()) write(`queries/${n}.dql`, query);
  for (const document of content.documents) write(`${document.type}.json`, jsonText(document.content));
  await stub.close();
}
console.log(`${objects} settings objects in ${folder}`);
