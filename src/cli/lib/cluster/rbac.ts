// The rules of scripts/kubernetes/rbac.yaml in a cluster: whether they are there, and writing them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { redact } from '../../../inventory/redact.ts';
import { fail } from '../../terminal.ts';
import { packageFolder } from '../io/package-folder.ts';
import { commandLine } from '../shell.ts';
import type { ApiResponse, ClusterApi } from './api.ts';
import { RULES_FILE, rulesPath } from './kubectl.ts';

const RULE_OBJECT = z.looseObject({
  kind: z.enum(['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    resourceVersion: z.string().optional(),
  }),
});
type RuleObject = z.infer<typeof RULE_OBJECT>;

/** An object of the file, and what has to be done with it in the cluster. */
export type RuleChange = {
  /** `ClusterRole eks-dns-firehose`, `Role kube-node-lease/eks-dns-firehose` */
  readonly name: string;
  readonly action: 'keep' | 'create' | 'change' | 'delete';
  readonly run: () => Promise<void>;
};

const shipped = (): readonly RuleObject[] =>
  parseAllDocuments(readFileSync(join(packageFolder(), RULES_FILE), 'utf8')).map((document) =>
    RULE_OBJECT.parse(document.toJS()),
  );

const nameOf = ({ kind, metadata: { namespace, name } }: RuleObject): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

/** Path of the objects of that kind; without the name. */
function pathOf({ kind, metadata: { namespace } }: RuleObject): string {
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return `/apis/rbac.authorization.k8s.io/v1${scope}/${kind.toLowerCase()}s`;
}

/** What gives permissions: everything but the metadata. The API fills in the group of a subject, as the file does. */
const permissionsIn = (object: object): object => {
  const { rules, roleRef, subjects } = object as Record<string, unknown>;
  return { rules, roleRef, subjects };
};

function expectStatus({ status, body }: ApiResponse, wanted: readonly number[], what: string): void {
  if (wanted.includes(status)) return;
  const message = redact(z.object({ message: z.string() }).safeParse(body).data?.message ?? '');
  throw fail(
    `${what}: ${status} ${message}`.trim(),
    `somebody who may do it can run \`${commandLine(['kubectl', 'apply', '-f', rulesPath()])}\` in the context of the cluster`,
  );
}

async function find(api: ClusterApi, object: RuleObject): Promise<RuleObject | undefined> {
  const response = await api('GET', `${pathOf(object)}/${object.metadata.name}`);
  if (response.status === 404) return undefined;
  expectStatus(response, [200], `${nameOf(object)} cannot be read`);
  return RULE_OBJECT.parse(response.body);
}

/** What has to change so that the cluster has the rules of this version. */
export async function planRules(api: ClusterApi): Promise<readonly RuleChange[]> {
  const changes: RuleChange[] = [];
  for (const object of shipped()) {
    const name = nameOf(object);
    const found = await find(api, object);
    if (found === undefined) {
      const run = async () =>
        expectStatus(await api('POST', pathOf(object), object), [200, 201], `${name} cannot be created`);
      changes.push({ name, action: 'create', run });
    } else if (isDeepStrictEqual(permissionsIn(found), permissionsIn(object))) {
      changes.push({ name, action: 'keep', run: async () => {} });
    } else {
      const { resourceVersion } = found.metadata;
      const value = { ...object, metadata: { ...object.metadata, resourceVersion } };
      const path = `${pathOf(object)}/${object.metadata.name}`;
      const run = async () => expectStatus(await api('PUT', path, value), [200], `${name} cannot be changed`);
      changes.push({ name, action: 'change', run });
    }
  }
  return changes;
}

/** The rules that are there, to be taken away; those that bind first. */
export async function planRuleRemoval(api: ClusterApi): Promise<readonly RuleChange[]> {
  const changes: RuleChange[] = [];
  for (const object of shipped().toReversed()) {
    if ((await find(api, object)) === undefined) continue;
    const name = nameOf(object);
    const path = `${pathOf(object)}/${object.metadata.name}`;
    const run = async () =>
      expectStatus(await api('DELETE', path), [200, 202, 404], `${name} cannot be deleted`);
    changes.push({ name, action: 'delete', run });
  }
  return changes;
}
