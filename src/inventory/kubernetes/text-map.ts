/** Labels or annotations as Kubernetes prints them. */
export type TextMap = { readonly [key: string]: string };
