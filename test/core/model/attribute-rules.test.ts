import { describe, expect, it } from '@jest/globals';
import { mayAnnotate, staticAttributeFault } from '../../../src/core/model/record-fields/attribute-rules.ts';
import { RECORD_FIELDS } from '../../../src/core/model/record-fields/index.ts';

/** A name that the field stands for. */
const nameOf = (field: string): string => field.replace(/\*$/, 'any.thing');
const upperCase = (name: string): string => name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());

const annotated = RECORD_FIELDS.filter(({ isAnnotated }) => isAnnotated);
const ours = RECORD_FIELDS.filter(({ isAnnotated }) => !isAnnotated);

describe('the table of fields', () => {
  it('leaves exactly these fields to annotations', () => {
    expect(annotated.map(({ name }) => name)).toEqual([
      'dt.cost.*',
      'dt.security_context',
      'k8s.namespace.label.*',
    ]);
  });

  it.each(annotated)('lets annotations and static attributes set $name', ({ name }) => {
    expect(mayAnnotate(nameOf(name))).toBe(true);
    expect(staticAttributeFault(nameOf(name))).toBeUndefined();
  });

  it.each(ours)('lets nobody set $name, nor what looks like it', ({ name }) => {
    for (const one of [nameOf(name), upperCase(nameOf(name)), nameOf(name).toUpperCase()]) {
      expect([one, mayAnnotate(one)]).toEqual([one, false]);
      expect(staticAttributeFault(one)).toBe('is a field of the record');
    }
  });

  it.each(ours)('lets no annotation set a sibling of $name', ({ name }) => {
    const family = name.slice(0, name.indexOf('.') + 1);
    if (family !== '') expect(mayAnnotate(`${family}new_field`)).toBe(false);
  });
});

describe('an annotation', () => {
  it.each(['team', 'environment', 'app.kubernetes.io/part-of', 'primary_tags.stage', 'dns', 'k8s'])(
    'may set %s',
    (name) => {
      expect(mayAnnotate(name)).toBe(true);
    },
  );

  it.each([
    'dt.owner',
    'dt.source_entity',
    'dt.entity.host',
    'dt.smartscape_source.id',
    'dt.host_group.id',
    'dt.system.bucket',
    'dt.Security_Context',
    'DT.cost.product',
    'dt.cost.',
    'dt.security_context.x',
    'k8s.namespace.uid',
    'k8s.namespace.labels.x',
    'k8s.container.name',
    'coredns.metadata.view.name',
    'server.port',
    'severity',
    'Status',
    'epochSecond',
    'record',
    'two words',
    'k8s.pod.name ',
    ' k8s.pod.name',
    'k8s.pod.n\u0430me',
    '',
    'x'.repeat(101),
    `dt.cost.${'x'.repeat(93)}`,
    '__proto__.x\n',
  ])('may not set %j', (name) => {
    expect(mayAnnotate(name)).toBe(false);
  });
});

describe('a static attribute', () => {
  it.each(['env', 'dt.owner', 'dt.host_group.id', 'dt.source_entity', 'aws.team', 'severity'])(
    'may be %s',
    (name) => {
      expect(staticAttributeFault(name)).toBeUndefined();
    },
  );

  it.each([
    ['dt.system.bucket', 'is reserved'],
    ['DT.Ingest.size', 'is reserved'],
    ['dt.openpipeline.source', 'is reserved'],
    ['dt.retain.x', 'is reserved'],
    ['record', 'is reserved'],
    ['timestamp', 'is a field of the record'],
    ['dns.key', 'is a field of the record'],
    ['k8s.pod.label.team', 'is a field of the record'],
  ])('may not be %s', (name, fault) => {
    expect(staticAttributeFault(name)).toBe(fault);
  });
});
