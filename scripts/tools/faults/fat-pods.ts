// Pages of large pods in gzip. A gzip file may have many members, so what is large is compressed once and repeated.
import { gzipSync } from 'node:zlib';

/** What makes the pods large. */
export type Fat = {
  /** `metadata.annotations`, for example `{ 'metadata.dynatrace.com/note': 'x'.repeat(250_000) }`. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The value of an environment variable in `spec`. */
  readonly environment?: string;
  readonly phase?: 'Running' | 'Pending';
};

/** One of the addresses of the synthetic traffic. */
const addressOf = (index: number): string => `10.0.${Math.floor(index / 250) % 8}.${(index % 250) + 1}`;

/** A pod in three parts, of which only the first and the last differ from pod to pod. */
export function fatPod(index: number, { environment, phase = 'Running' }: Fat) {
  const container = { name: 'main', env: [{ name: 'A', value: environment }] };
  const started = { running: { startedAt: '2026-01-01T00:00:00Z' } };
  const running = { podIPs: [{ ip: addressOf(index) }], containerStatuses: [{ state: started }] };
  const status = { phase, ...(phase === 'Running' ? running : {}) };
  return {
    start: `{"metadata":{"name":"web-${index}","namespace":"shop","uid":"uid-${index}","resourceVersion":"8","annotations":`,
    spec: `},"spec":${JSON.stringify({ nodeName: 'node-a', containers: [container] })}`,
    end: `,"status":${JSON.stringify(status)}}`,
  };
}

/** Pages of `count` pods; the answer to a list of `/api/v1/pods`. */
export function fatPages(count: number, fat: Fat): (url: URL) => Buffer {
  const annotations = gzipSync(JSON.stringify(fat.annotations ?? {}));
  const spec = gzipSync(fatPod(0, fat).spec);
  const items = Array.from({ length: count }, (_, index) => {
    const { start, end } = fatPod(index, fat);
    return Buffer.concat([gzipSync(`,${start}`), annotations, spec, gzipSync(end)]);
  });
  return (url) => {
    const from = Number(url.searchParams.get('continue') ?? 0);
    const to = Math.min(count, from + Number(url.searchParams.get('limit')));
    const next = to < count ? `,"continue":"${to}"` : '';
    // An item begins with a comma, so the first of a page is null.
    const head = gzipSync(`{"kind":"PodList","metadata":{"resourceVersion":"7"${next}},"items":[null`);
    return Buffer.concat([head, ...items.slice(from, to), gzipSync(']}')]);
  };
}
