import type { DnsEvent } from '../../model/dns-event.ts';

type NotLogged =
  | 'responseSeen'
  | 'id'
  | 'headerFlags'
  | 'requestBytes'
  | 'responseBytes'
  | 'durationNs'
  | 'opCode'
  | 'ednsDo'
  | 'ednsUdpSize'
  | 'upstream'
  | 'clientHint'
  | 'emitter'
  | 'isError';

/**
 * An event of what Route 53 logs; what neither of its products does is undefined.
 * Written out, since spreading a base object into it makes V8 keep it as a hash table (20 times slower, measured).
 */
export function route53Event(logged: Omit<DnsEvent, NotLogged>): DnsEvent {
  return {
    source: logged.source,
    timeMs: logged.timeMs,
    timeIsCertain: logged.timeIsCertain,
    content: logged.content,
    name: logged.name,
    type: logged.type,
    class: logged.class,
    responseCode: logged.responseCode,
    responseSeen: true,
    id: undefined,
    headerFlags: undefined,
    requestBytes: undefined,
    responseBytes: undefined,
    durationNs: undefined,
    opCode: undefined,
    ednsDo: undefined,
    ednsUdpSize: undefined,
    upstream: undefined,
    clientIp: logged.clientIp,
    clientPort: logged.clientPort,
    transport: logged.transport,
    clientHint: undefined,
    sourceIds: logged.sourceIds,
    emitter: undefined,
    answers: logged.answers,
    answerCount: logged.answerCount,
    accountId: logged.accountId,
    region: logged.region,
    vpcId: logged.vpcId,
    firewallAction: logged.firewallAction,
    isError: false,
    isPartial: logged.isPartial,
    extra: logged.extra,
  };
}
