// `aws`, `kubectl` and `sam` as far as this program prints their commands: checks the arguments as strictly as the real ones,
// and appends them to the file STRICT_TOOL_LOG. Only `sam deploy` does something: the account of the test has a call for it.
// Exit code 2: the real one would not understand it.
import { appendFileSync, existsSync } from 'node:fs';

/** Options that an option list names with `!` are required; `words` is how many other words follow. */
const COMMANDS = {
  'aws cloudformation delete-stack': { options: ['stack-name!'] },
  'aws cloudformation describe-stack-events': { options: ['stack-name!'] },
  'aws ec2 describe-vpcs': {},
  'aws eks create-access-entry': { options: ['cluster-name!', 'principal-arn!', 'kubernetes-groups!'] },
  'aws eks create-addon': { options: ['cluster-name!', 'addon-name!'] },
  'aws eks delete-access-entry': { options: ['cluster-name!', 'principal-arn!'] },
  'aws eks describe-addon': { options: ['cluster-name!', 'addon-name!'] },
  'aws eks list-clusters': {},
  'aws eks update-kubeconfig': { options: ['name!'] },
  'aws firehose list-delivery-streams': {},
  'aws iam create-role': { options: ['role-name!', 'path', 'assume-role-policy-document!'] },
  'aws iam put-role-policy': { options: ['role-name!', 'policy-name!', 'policy-document!'] },
  'aws lambda list-functions': {},
  'aws logs delete-log-group': { options: ['log-group-name!'] },
  'aws logs describe-log-groups': {},
  'aws logs put-retention-policy': { options: ['log-group-name!', 'retention-in-days!'] },
  'aws logs tail': { words: 1, options: ['since'] },
  'aws route53resolver disassociate-resolver-query-log-config': {
    options: ['resolver-query-log-config-id!', 'resource-id!'],
  },
  'aws s3 mb': { words: 1 },
  'aws s3 rb': { words: 1, flags: ['force'] },
  'aws s3api put-bucket-policy': { options: ['bucket!', 'policy!'] },
  'aws sso login': {},
  'kubectl apply -f': { words: 1, files: true },
  'kubectl delete -f': { words: 1, files: true },
  'kubectl -n kube-system rollout restart': { words: 1 },
  'kubectl --namespace kube-system edit configmap': { words: 1 },
  'kubectl get pods,nodes -A -o json': {},
  'sam build': { folder: true },
  'sam deploy': {
    folder: true,
    options: ['stack-name!'],
    flags: ['no-confirm-changeset', 'no-fail-on-empty-changeset'],
    rest: 'parameter-overrides',
  },
};

/** The value of an option must be what it says. */
const VALUES = {
  'principal-arn': /^arn:aws:iam::\d{12}:role\/\S+$/,
  'assume-role-policy-document': /^\{"Version"/,
  'policy-document': /^\{"Version"/,
  policy: /^\{"Version"/,
  since: /^\d+[smhd]$/,
  region: /^[a-z]{2}-[a-z]+-\d$/,
};

const [tool, ...args] = process.argv.slice(2);

function refuse(why) {
  process.stderr.write(`${tool}: ${why}: ${args.join(' ')}\n`);
  process.exit(2);
}

const line = [tool, ...args];
const [name, rules] =
  Object.entries(COMMANDS).find(([words]) => words.split(' ').every((word, at) => line[at] === word)) ??
  refuse('no such command');
const rest = line.slice(name.split(' ').length);
const known = new Map((rules.options ?? []).map((option) => [option.replace('!', ''), option.endsWith('!')]));
if (tool !== 'kubectl') known.set('region', false);
const given = new Map();
const words = [];
while (rest.length > 0) {
  const word = rest.shift();
  if (!word.startsWith('--')) words.push(word);
  else if (rules.flags?.includes(word.slice(2))) continue;
  else if (word.slice(2) === rules.rest) {
    for (const one of rest.splice(0))
      if (!/^[A-Z]\w+=[^=\s]\S*$/.test(one)) refuse(`"${one}" is no parameter`);
    if (line.at(-1) === word) refuse(`${word} has no value`);
  } else if (!known.has(word.slice(2))) refuse(`no such option: ${word}`);
  else given.set(word.slice(2), rest.shift() ?? refuse(`${word} has no value`));
}
for (const [option, isRequired] of known)
  if (isRequired && !given.has(option)) refuse(`--${option} is missing`);
for (const [option, value] of given)
  if (value === '' || VALUES[option]?.test(value) === false) refuse(`wrong value of --${option}`);
if (words.length !== (rules.words ?? 0)) refuse('wrong number of words');
if (rules.files && !words.every((word) => existsSync(word))) refuse('no such file');
if (rules.folder && !existsSync('template.yaml')) refuse('there is no template here');
if (
  process.env.AWS_REGION === undefined &&
  tool !== 'kubectl' &&
  name !== 'sam build' &&
  !given.has('region')
)
  refuse('no region');
if (rules.rest !== undefined) {
  const body = new URLSearchParams({ Action: 'Deploy', Parameters: args.slice(1).join(' ') });
  const { ok } = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', body });
  if (!ok) process.exit(1);
}
appendFileSync(process.env.STRICT_TOOL_LOG, `${JSON.stringify(line)}\n`);
