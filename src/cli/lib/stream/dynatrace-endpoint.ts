/**
 * Addresses at which Dynatrace takes logs from Firehose: the log ingest API (also on Managed and ActiveGates), and the newer
 * one of AWS connections.
 * https://docs.dynatrace.com/docs/ingest-from/amazon-web-services/integrate-with-aws/aws-logs-ingest/lma-stream-logs-with-firehose
 */
export const DYNATRACE_ENDPOINTS = [
  {
    name: 'log ingest API',
    address: 'https://<environment>.live.dynatrace.com/api/v2/logs/ingest/aws_firehose',
    token: 'an API token with the scope logs.ingest',
    url: /^https?:\/\/[^/?#]+(?:\/e\/[\w-]+)?\/api\/v2\/logs\/ingest\/aws_firehose$/,
  },
  {
    name: 'AWS connection',
    address: 'https://<environment>.da.dynatrace.com/api/aws/firehose/v1/logs',
    token: 'a platform token with the scope data-acquisition:logs:ingest',
    url: /^https:\/\/[a-z0-9-]+\.da\.dynatrace\.com\/api\/aws\/firehose\/v1\/logs$/,
  },
] as const;

/** Which of Dynatrace's addresses for logs a URL is; undefined if it is none. */
export const dynatraceEndpoint = (url: string): (typeof DYNATRACE_ENDPOINTS)[number] | undefined =>
  DYNATRACE_ENDPOINTS.find((one) => one.url.test(url));

/** What a stream to any other address may be. */
export const OTHER_ENDPOINT = `this is no address of Dynatrace for Firehose logs: ${DYNATRACE_ENDPOINTS.map(
  ({ address }) => address,
).join(' or ')}`;
