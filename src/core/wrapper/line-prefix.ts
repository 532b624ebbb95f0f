// What a tool prints before a line of a container or service:
//   [pod/coredns-5d78c9869d-abcde/coredns] [INFO] ...                      kubectl logs --prefix
//   Jun  5 16:41:03 node-1 coredns[10786]: [INFO] ...                      journalctl, syslog (RFC 3164)
//   2024-06-05T16:41:03.123456+02:00 node-1 coredns[10786]: [INFO] ...     journalctl -o short-iso, rsyslog
//   <30>1 2024-06-05T16:41:03Z node-1 coredns 10786 - - [INFO] ...         syslog (RFC 5424)
// https://kubernetes.io/docs/reference/kubectl/generated/kubectl_logs/ https://www.rfc-editor.org/rfc/rfc5424
// https://www.freedesktop.org/software/systemd/man/latest/journalctl.html
import type { LogProducer } from '../model/log-line.ts';

/** A prefix: who printed the line, when, and where the line begins. */
export type LinePrefix = {
  readonly producer: LogProducer;
  /** Only where it is a time of RFC 3339: the others have no year or no time zone. */
  readonly stamp: string | undefined;
  readonly textAt: number;
};

// Names of pods have up to 253 characters, those of containers 63.
const POD = /^\[pod\/([a-z0-9][-a-z0-9.]{0,252})\/([a-z0-9][-a-z0-9]{0,62})\] /;

const PRIORITY = String.raw`(?:<\d{1,3}>)?`;
const STAMP = String.raw`(\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:?\d\d))`;
// `Jun  5 16:41:03`, and `Wed 2024-06-05 16:41:03 CEST` of `journalctl -o short-full`.
const LOCAL_TIME = String.raw`[A-Z][a-z]{2} (?:[ \d]\d|\d{4}-\d\d-\d\d) \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [A-Z]{3,5})?`;
const HOST = String.raw`[\w.:-]{1,255}`;
const TAG = String.raw`([\w.@/-]{1,128})`;
const SYSLOG = new RegExp(`^${PRIORITY}(?:${STAMP}|${LOCAL_TIME}) ${HOST} ${TAG}(?:\\[\\d{1,10}\\])?: `);
const SYSLOG_5424 = new RegExp(
  `^<\\d{1,3}>1 ${STAMP} ${HOST} ${TAG} [\\w-]{1,128} [\\w-]{1,32} - (?:\\uFEFF)?`,
);
const MAX_PREFIX = 640;

/** Reads the prefix of a line; undefined when there is none. The tag of a service counts as the name of its container. */
export function readLinePrefix(text: string): LinePrefix | undefined {
  const first = text.charCodeAt(0);
  const isPossible = first === BRACKET ? text.startsWith('[pod/') : first === LESS || isUpperOrDigit(first);
  if (!isPossible) return undefined;
  const head = text.slice(0, MAX_PREFIX);
  const pod = POD.exec(head);
  if (pod !== null) return prefixOf(pod[0], pod[1], pod[2], undefined);
  const syslog = SYSLOG_5424.exec(head) ?? SYSLOG.exec(head);
  return syslog === null ? undefined : prefixOf(syslog[0], undefined, syslog[2], syslog[1]);
}

const BRACKET = 0x5b;
const LESS = 0x3c;
const isUpperOrDigit = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39);

const prefixOf = (
  text: string,
  pod: string | undefined,
  container: string | undefined,
  stamp: string | undefined,
): LinePrefix => ({
  producer: { pod, podUid: undefined, namespace: undefined, container, node: undefined, ip: undefined },
  stamp,
  textAt: text.length,
});
