// The members of a JSON document that are read; everything else is skipped while it arrives.
import type * as z from 'zod';

/** What to keep of a value. Arrays are looked through: the shape of an array is that of its elements. */
export type Shape =
  | { readonly kind: 'whole' }
  /** An object: the members of these names. */
  | { readonly kind: 'members'; readonly members: ReadonlyMap<string, Shape> }
  /** An object with arbitrary names, such as labels: the members that `keeps` selects. */
  | { readonly kind: 'record'; readonly keeps: (name: string) => boolean }
  /** An array whose elements are delivered one by one instead of being kept. */
  | { readonly kind: 'items'; readonly each: Shape };

/** A single value, or an object of which everything is kept. */
export const WHOLE: Shape = { kind: 'whole' };

/** The shape of an object: `members({ metadata: members({ uid: WHOLE }) })`. */
export const members = (shapes: Readonly<Record<string, Shape>>): Shape => ({
  kind: 'members',
  members: new Map(Object.entries(shapes)),
});

/** Two shapes of an object in one; where both are objects, their members are united. */
export function unite(a: Shape, b: Shape): Shape {
  if (a.kind !== 'members' || b.kind !== 'members') return a;
  const all = new Map(a.members);
  for (const [name, shape] of b.members) {
    const own = all.get(name);
    all.set(name, own === undefined ? shape : unite(own, shape));
  }
  return { kind: 'members', members: all };
}

type Definition = {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
};

/** The members that a schema reads. Of its records (labels, annotations) `keepsKey` selects the members. */
export function shapeOf(schema: z.core.$ZodType, keepsKey: (name: string) => boolean): Shape {
  const { type, shape, innerType, element }: Definition = schema._zod.def;
  if (shape !== undefined) {
    const entries = Object.entries(shape).map(([name, member]) => [name, shapeOf(member, keepsKey)] as const);
    return { kind: 'members', members: new Map(entries) };
  }
  const inner = innerType ?? element;
  if (inner !== undefined) return shapeOf(inner, keepsKey);
  return type === 'record' ? { kind: 'record', keeps: keepsKey } : WHOLE;
}
