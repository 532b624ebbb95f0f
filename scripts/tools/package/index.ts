// `npm run package`: writes into `release/` what deploys the function without Node and SAM: the zip, a plain template,
// and the rules for the clusters. docs/deploy.md says how.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { plainTemplate } from './plain-template.ts';
import { bundleFiles, zipName, zipOf } from './zip.ts';

const FOLDER = 'release';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
const zip = zipOf(bundleFiles('dist'));
const name = zipName(version, zip);
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER);
writeFileSync(`${FOLDER}/${name}`, zip);
writeFileSync(`${FOLDER}/template.yaml`, plainTemplate(readFileSync('template.yaml', 'utf8'), name));
copyFileSync('scripts/kubernetes/rbac.yaml', `${FOLDER}/rbac.yaml`);
console.log(`${FOLDER}/${name}\n${FOLDER}/template.yaml\n${FOLDER}/rbac.yaml`);
