// What the roles and bindings in the stub of the Kubernetes API grant to a group.

type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
};
type RuleObject = {
  readonly kind: string;
  readonly rules?: readonly Rule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string }[];
};

/** Attributes of a request, as in a SubjectAccessReview. */
export type Attributes = {
  readonly verb: string;
  readonly resource: string;
  readonly group?: string;
  readonly namespace?: string;
};

/** Whether one of the bindings, by path, grants it to one of the groups. */
export function isGranted(
  objects: ReadonlyMap<string, object>,
  groups: readonly string[],
  { verb, resource, group = '', namespace }: Attributes,
): boolean {
  return ([...objects] as [string, RuleObject][]).some(([path, { roleRef, subjects = [] }]) => {
    if (
      roleRef === undefined ||
      !subjects.some(({ kind, name }) => kind === 'Group' && groups.includes(name))
    )
      return false;
    const [, scope = '', own] = /^(.*\/v1(?:\/namespaces\/([^/]+))?)\//.exec(path) ?? [];
    if (own !== undefined && own !== namespace) return false;
    const base = roleRef.kind === 'ClusterRole' ? scope.replace(/\/namespaces\/.*/, '') : scope;
    const role = objects.get(`${base}/${roleRef.kind.toLowerCase()}s/${roleRef.name}`) as
      | RuleObject
      | undefined;
    return (role?.rules ?? []).some(
      (rule) =>
        rule.verbs.includes(verb) && rule.resources.includes(resource) && rule.apiGroups.includes(group),
    );
  });
}
