/** Texts that would do something if a page, a script, a style sheet or an attribute took them for its own. */
export const HOSTILE_TEXTS: readonly string[] = [
  '</script><script>document.title="owned"</script>',
  '</style><style>*{display:none}</style>',
  '</title><script>document.title="owned"</script>',
  '"><img src=http://127.0.0.1:9/a onerror=document.title="owned">',
  "' onmouseover='document.title=1",
  '` onfocus=`document.title=1` autofocus',
  '<svg/onload=document.title="owned">',
  '<iframe srcdoc="<script>top.document.title=1</script>">',
  '<base href="http://127.0.0.1:9/">',
  '<link rel=stylesheet href=http://127.0.0.1:9/b>',
  '<meta http-equiv=refresh content="0;url=http://127.0.0.1:9/c">',
  '<a href="javascript:document.title=1">x</a>',
  '<!-- ',
  ']]><!--<script>',
  '&lt;b&gt;&#x3c;b&#x3e;',
  '{{constructor.constructor("document.title=1")()}}',
  '@import url(http://127.0.0.1:9/d);',
  'url(http://127.0.0.1:9/e)',
  'a\u2028b\u2029c\u0000d\u0007e\rf\ng\u001b[31m',
  'left\u202etfel\u2066x\u200by\ufeffz',
  'half \ud800 and \udfff',
  '__proto__',
  'constructor',
  'w'.repeat(2000),
];

/** Members of a record that hold text of a log or of a pod, and are shown somewhere. */
const TEXT_MEMBERS = [
  'dns.question.name',
  'dns.question.type',
  'dns.question.category',
  'dns.question.registered_domain',
  'dns.question.intended_name',
  'dns.response_code',
  'dns.client.attribution',
  'dns.client.kind',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.workload.name',
  'k8s.node.name',
  'host.id',
  'client.ip',
  'dns.upstream',
  'event.reason',
  'aws.route53.firewall.action',
  'content',
];

/** Records with these texts in every place that a report shows. */
export function hostileRecords() {
  return HOSTILE_TEXTS.flatMap((text, i) => {
    const timestamp = new Date(Date.UTC(2026, 0, 5, 9, 0, i)).toISOString();
    const ordinary = {
      timestamp,
      'log.source': 'coredns',
      'dns.question.name': text,
      'dns.question.type': 'TXT',
      'dns.question.category': 'external',
      'dns.response_code': 'NOERROR',
      duration: 2_000_000,
      'dns.client.kind': 'pod',
      'dns.client.attribution': 'exact',
      'k8s.namespace.name': 'mail',
      'k8s.workload.name': 'relay',
      'k8s.pod.name': 'relay-1',
      'dns.signals': [text],
      'dns.answers.data': [text],
      'dns.answers.type': ['TXT'],
    };
    const all = { ...ordinary, ...Object.fromEntries(TEXT_MEMBERS.map((name) => [name, text])) };
    return [
      ordinary,
      all,
      { ...all, 'dns.client.kind': 'pod', 'dns.signals': ['txt-answer', 'bypasses-coredns', text] },
      { ...all, 'dns.question.category': 'search-expansion' },
      {
        ...all,
        'k8s.pod.name': undefined,
        'k8s.node.name': undefined,
        'host.id': undefined,
        'dns.query.count': text,
      },
    ];
  });
}
