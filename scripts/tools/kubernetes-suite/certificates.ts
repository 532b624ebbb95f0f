// A CA, the server's certificate and two client certificates, made by openssl for one run.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes `ca`, `server`, `admin`, `controller` (`.crt`, `.key`) and `accounts.key` in `folder`. */
export function makeCertificates(folder: string): void {
  const file = (name: string): string => join(folder, name);
  const key = (name: string): void => openssl('genrsa', '-out', file(`${name}.key`), '2048');
  for (const name of ['ca', 'server', 'admin', 'controller', 'accounts']) key(name);
  const ca = ['-subj', '/CN=kubernetes-suite', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  openssl('req', '-x509', '-new', '-key', file('ca.key'), '-days', '2', ...ca, '-out', file('ca.crt'));
  const sign = (name: string, subject: string, extension: string): void => {
    writeFileSync(file(`${name}.ext`), extension);
    openssl('req', '-new', '-key', file(`${name}.key`), '-subj', subject, '-out', file(`${name}.csr`));
    const issuer = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
    const extensions = ['-extfile', file(`${name}.ext`)];
    openssl(
      'x509',
      '-req',
      '-in',
      file(`${name}.csr`),
      ...issuer,
      ...extensions,
      '-out',
      file(`${name}.crt`),
    );
  };
  sign('server', '/CN=kube-apiserver', 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
  const client = 'extendedKeyUsage=clientAuth\n';
  sign('admin', '/O=system:masters/CN=admin', client);
  sign('controller', '/O=system:masters/CN=system:kube-controller-manager', client);
}

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
